# client.rb EXTENSION DATABASE QUERIES
require 'sqlite3'

extension, database, queries = ARGV
db = SQLite3::Database.new(database)
db.enable_load_extension(true)
db.load_extension(extension)
File.foreach(queries) { |sql| db.execute(sql) { |row| puts row[0] } }

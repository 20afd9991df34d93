"""client.py EXTENSION DATABASE QUERIES"""
import sqlite3
import sys

extension, database, queries = sys.argv[1:]
db = sqlite3.connect(database)
db.enable_load_extension(True)
db.load_extension(extension)
for sql in open(queries, encoding='utf-8'):
    for row in db.execute(sql):
        print(row[0])

# client.tcl EXTENSION DATABASE QUERIES
package require sqlite3
lassign $argv extension database queries
sqlite3 db $database
db enable_load_extension 1
db eval {SELECT load_extension($extension)}
set lines [open $queries]
while {[gets $lines sql] >= 0} {
    foreach value [db eval $sql] {
        puts $value
    }
}
db close

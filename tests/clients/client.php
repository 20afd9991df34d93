<?php
// client.php EXTENSION DATABASE QUERIES; sqlite3.extension_dir is the extension's folder
[, $extension, $database, $queries] = $argv;
$db = new SQLite3($database);
$db->enableExceptions(true);
$db->loadExtension(basename($extension));
foreach (file($queries) as $sql) {
    // query() runs a SELECT twice: what writes is run by querySingle()
    if (preg_match('/cloudtrail_(import|detect)\(/', $sql)) {
        echo $db->querySingle($sql), "\n";
        continue;
    }
    $rows = $db->query($sql);
    while ($row = $rows->fetchArray(SQLITE3_NUM)) {
        echo $row[0], "\n";
    }
}

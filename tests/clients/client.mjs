// client.mjs EXTENSION DATABASE QUERIES; better-sqlite3 in the folder NODE_PACKAGES
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [extension, database, queries] = process.argv.slice(2);
const Database = createRequire(process.env.NODE_PACKAGES + '/')('better-sqlite3');
const db = new Database(database);
db.loadExtension(extension);
for (const sql of readFileSync(queries, 'utf8').trim().split('\n'))
    for (const value of db.prepare(sql).pluck().all()) console.log(String(value));

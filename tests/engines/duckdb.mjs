// node duckdb.mjs SCRIPT: runs a script of cloudtrail_engine_sql() in DuckDB and prints each row of its last
// statement as a line of JSON. DuckDB comes from ENGINES_NODE, where npm put it.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { DuckDBInstance } = createRequire(process.env.ENGINES_NODE + '/')('@duckdb/node-api');
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const result = await connection.runAndReadAll(readFileSync(process.argv[2], 'utf8'));
for (const row of result.getRowObjectsJson())
    console.log(JSON.stringify(row));

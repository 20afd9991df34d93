// node duckdb.mjs TASK: runs SQL in a DuckDB of its own and says what it cost, as one line of JSON.
//
// TASK is JSON: database (a path, or :memory:), setup (statements that are not measured), timed
// (statements that are; the rows of the last one are the answer). Seconds and CPU are those of the
// timed statements alone, in the peer's favour: starting node and loading DuckDB do not count.
// DuckDB comes from CT_BENCH_MODULES, where npm put it.
import { createRequire } from 'node:module';

const require = createRequire(process.env.CT_BENCH_MODULES + '/');
const { DuckDBInstance, version } = require('@duckdb/node-api');
const task = JSON.parse(process.argv[2]);

const instance = await DuckDBInstance.create(task.database, { threads: '2' });
const connection = await instance.connect();
for (const sql of task.setup)
    await connection.run(sql);

const cpu = process.cpuUsage();
const begin = performance.now();
let rows = [];
for (const sql of task.timed)
    rows = (await connection.runAndReadAll(sql)).getRowsJson();
const seconds = (performance.now() - begin) / 1000;
const used = process.cpuUsage(cpu);

connection.closeSync();
instance.closeSync();
console.log(JSON.stringify({ seconds, cpu: (used.user + used.system) / 1e6, rows, version: version() }));

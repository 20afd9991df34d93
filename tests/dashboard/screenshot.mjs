/* The picture in the README: the top of the sample's page. node screenshot.mjs PAGE PNG */
import { chromium } from 'playwright-core';
import { statSync } from 'node:fs';
import path from 'node:path';

const [page, png] = process.argv.slice(2).map(p => path.resolve(p));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
const tab = await browser.newPage({ viewport: { width: 1200, height: 1260 } });
await tab.goto(`file://${page}`);
await tab.waitForSelector('html[data-drawn=yes]');
await tab.screenshot({ path: png });
await browser.close();
const size = statSync(png).size;
console.log(`${png}: ${Math.round(size / 1024)} KB`);
process.exit(size < 200 * 1024 ? 0 : 1);

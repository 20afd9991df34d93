/*
 * The dashboard in a browser: what bytes cannot tell. Charts are drawn, filters change them and their
 * tables, the lines of SQL give what is shown, nothing is asked for, all is reached by keyboard, axe
 * finds nothing serious, and what strangers wrote stays text.
 *
 * FOLDER holds sample.html, hostile.html, empty.html and sample.db; EXTENSION is for the shell.
 */
import { chromium } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [folder, extension] = process.argv.slice(2).map(p => path.resolve(p));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const failures = [];

function check(what, is, detail = '') {
    if (!is) failures.push(`${what}${detail ? `: ${detail}` : ''}`);
}

function query(sql) {
    return execFileSync('sqlite3', ['-batch', '-init', '/dev/null', '-json', '-cmd', `.load ${extension}`,
        path.join(folder, 'sample.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 26 });
}

/* Opens a page and watches it: anything it says or asks for is a failure. */
async function open(browser, name, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const where = `${name} ${options.colorScheme || 'light'} ${options.viewport ? options.viewport.width : 1280}`;
    const file = `file://${path.join(folder, name)}`;
    page.on('console', m => check(`${where}: the console`, false, m.text()));
    page.on('pageerror', e => check(`${where}: an error`, false, e.message));
    page.on('dialog', d => { check(`${where}: a dialog`, false, d.message()); d.dismiss(); });
    page.on('request', r => check(`${where}: a request`, r.url() === file || r.url() === 'data:,', r.url()));
    await page.goto(file);
    await page.waitForSelector('html[data-drawn=yes]', { timeout: 30000 });
    return page;
}

/* Each canvas by id: a number that changes with what is drawn, 0 where nothing is. */
const drawn = page => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('canvas')].map(canvas => {
    const pixels = canvas.width && canvas.height
        ? canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data : [];
    let sum = 0;
    for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3]) sum = (sum * 31 + pixels[i] + pixels[i + 1] * 3 + pixels[i + 2] * 7 + i) % 4294967291;
    return [canvas.id, sum];
})));

/* The first table and the first line of SQL behind a panel: how many rows, and the sum of all numbers. */
const behind = (page, id) => page.evaluate(panel => {
    const details = document.getElementById(`${panel}-rows`);
    if (!details) return null;
    details.open = true;
    details.fill();
    const rows = [...(details.querySelector('tbody') || document.createElement('p')).querySelectorAll('tr')];
    const total = cells => [...cells].reduce((sum, td) => sum + Number(td.textContent.replace(/,/g, '')), 0);
    const sql = details.querySelector('pre');
    return { n: rows.length, last: rows.reduce((sum, row) => sum + total([...row.querySelectorAll('td.num')].slice(-1)), 0),
        all: rows.reduce((sum, row) => sum + total(row.querySelectorAll('td.num')), 0), sql: sql && sql.textContent };
}, id);

/* ---- what is shown is what the SQL gives ---- */

async function checkSql(page, where) {
    for (const id of ['coverage', 'events', 'denied', 'identities', 'addresses', 'signins', 'changes', 'sensitive', 'clients', 'numbers']) {
        const shown = await behind(page, id);
        if (!shown || !shown.sql) continue;
        const rows = JSON.parse(query(shown.sql) || '[]');
        const numbers = rows.map(row => Object.values(row));
        check(`${where}: rows of ${id}`, rows.length === shown.n, `${shown.n} shown, ${rows.length} by ${shown.sql}`);
        /* the events panel has a column an outcome, coverage and identities more than their SQL */
        const sum = id === 'events' ? numbers.flatMap(row => row.slice(1)).reduce((a, b) => a + b, 0)
            : numbers.reduce((a, row) => a + row[row.length - 1], 0);
        const ours = id === 'events' ? shown.all
            : id === 'coverage' || id === 'identities' || id === 'addresses' ? await page.evaluate(panel => {
                const column = { coverage: 2, identities: 3, addresses: 3 }[panel];
                return [...document.querySelectorAll(`#${panel}-rows tbody`)][0].querySelectorAll('tr').length
                    ? [...document.querySelectorAll(`#${panel}-rows tbody`)[0].querySelectorAll('tr')].reduce((s, tr) => s + Number(tr.children[column].textContent.replace(/,/g, '')), 0) : 0;
            }, id) : shown.last;
        check(`${where}: sum of ${id}`, sum === ours, `${ours} shown, ${sum} by ${shown.sql}`);
    }
}

/* ---- the checks ---- */

async function checkCharts(page, where) {
    const before = await drawn(page);
    check(`${where}: charts`, Object.keys(before).length >= 9, Object.keys(before).join(' '));
    for (const [id, sum] of Object.entries(before)) check(`${where}: ${id} is drawn`, sum > 0);
    return before;
}

async function checkFilters(page) {
    const before = await checkCharts(page, 'sample');
    await checkSql(page, 'sample');
    const whole = await behind(page, 'events');

    await page.selectOption('#account', '1');
    const account = await behind(page, 'events'), byAccount = await drawn(page);
    check('account: the table changes', account.all > 0 && account.all < whole.all, `${account.all} of ${whole.all}`);
    for (const id of ['events-chart', 'identities-chart', 'addresses-chart', 'changes-chart', 'clients-chart'])
        check(`account: ${id} changes`, byAccount[id] !== before[id]);
    await checkSql(page, 'account');
    await page.click('#reset');

    await page.fill('#from', '2025-10-14T13:00');
    await page.locator('#from').dispatchEvent('change');
    await page.fill('#to', '2025-10-14T15:00');
    await page.locator('#to').dispatchEvent('change');
    const time = await behind(page, 'events');
    check('time: two rows', time.n === 2, String(time.n));
    check('time: the events chart changes', (await drawn(page))['events-chart'] !== before['events-chart']);
    await checkSql(page, 'time');
    await page.click('#reset');
    check('reset: as before', (await behind(page, 'events')).all === whole.all);

    await page.selectOption('#who', 'maint|');
    const dim = await page.evaluate(() => [...document.querySelectorAll('.panel.dim')].map(p => p.id).join());
    check('identity: what cannot is dimmed', dim === 'coverage,events,addresses,changes,clients', dim);
    check('identity: and says so', (await page.textContent('#events .dimnote')).includes('all identities'));
    const names = await page.evaluate(() => {
        const rows = document.getElementById('identities-rows');
        rows.open = true;
        rows.fill();
        return [...rows.querySelectorAll('tbody tr')].map(tr => tr.children[1].textContent);
    });
    check('identity: no other is listed', names.length > 0 && names.every(n => n === 'maint'), names.join());
    const incidents = await page.locator('#incidents .incidents > li').count();
    check('identity: its incidents', incidents === 1, String(incidents));
    for (const id of ['denied', 'identities', 'signins', 'sensitive']) {
        const shown = await behind(page, id);
        if (shown && shown.sql) check(`identity: SQL of ${id}`, JSON.parse(query(shown.sql) || '[]').length === shown.n);
    }
    await page.click('#reset');
}

async function checkIncidents(page) {
    await page.locator('#incident-1 > summary').click();
    const story = await page.locator('#incident-1 .story').nth(1).textContent();
    const wanted = JSON.parse(query(`SELECT story FROM alert_story JOIN incident_alert USING (alertID) JOIN incident_ranked USING (incidentID) WHERE rank = 1`));
    check('incident: the story is the view\'s', wanted.some(row => row.story === story), story);
    check('incident: events', await page.locator('#incident-1 tbody tr').count() > 5);
    await page.evaluate(() => {
        document.getElementById('incident-1').open = false;
        document.getElementById('incidents-chart').scrollIntoView({ block: 'center' });
    });
    await page.waitForTimeout(300);
    const box = await page.evaluate(() => {
        const chart = charts.get('incidents-chart'), point = chart.getDatasetMeta(0).data[0];
        const r = chart.canvas.getBoundingClientRect();
        return { x: r.x + point.x, y: r.y + point.y };
    });
    await page.mouse.click(box.x, box.y);
    /* Chart.js hands a click on with the next frame */
    const opened = await page.waitForFunction(() => document.getElementById('incident-1').open, null, { timeout: 5000 }).catch(() => null);
    check('incident: a click on its point opens it', opened);
}

async function checkKeyboard(page) {
    const all = await page.evaluate(() => {
        const wanted = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
            .filter(e => !e.disabled && e.checkVisibility() && e.getClientRects().length);
        wanted.forEach((e, i) => { e.dataset.stop = i; });
        document.activeElement.blur();
        window.scrollTo(0, 0);
        return wanted.length;
    });
    const seen = new Set();
    /* a time's input has a stop for each of its parts */
    for (let i = 0; i < all + 40 && seen.size < all; i++) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => document.activeElement.dataset && document.activeElement.dataset.stop);
        if (stop !== undefined && stop !== null) seen.add(stop);
    }
    check('keyboard: every control is reached', seen.size === all, `${seen.size} of ${all}`);
    await page.locator('#incident-2 > summary').focus();
    await page.keyboard.press('Enter');
    check('keyboard: Enter opens an incident', await page.locator('#incident-2').evaluate(d => d.open));
    await page.locator('#theme').focus();
    const theme = await page.evaluate(() => document.documentElement.dataset.theme);
    await page.keyboard.press('Space');
    check('keyboard: the theme', await page.evaluate(() => document.documentElement.dataset.theme) !== theme);
    await page.keyboard.press('Space');
}

async function checkAxe(page, where) {
    await page.evaluate(() => {
        for (const d of document.querySelectorAll('details')) { d.open = true; if (d.fill) d.fill(); }
    });
    await page.waitForTimeout(100);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document));
    for (const v of violations)
        check(`${where}: axe, ${v.impact}`, v.impact === 'minor' || v.impact === 'moderate', `${v.id}: ${v.nodes[0].html.slice(0, 160)} (${v.nodes[0].failureSummary.slice(0, 200)})`);
}

async function checkFits(page, where) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(`${where}: nothing stands over the edge`, wide <= 0, `${wide} pixels`);
}

async function checkHostile(browser) {
    const page = await open(browser, 'hostile.html');
    await page.evaluate(() => { for (const d of document.querySelectorAll('details')) { d.open = true; if (d.fill) d.fill(); } });
    const found = await page.evaluate(() => ({
        scripts: document.scripts.length, images: document.images.length, handlers: document.querySelectorAll('[onerror], [onload]').length,
        text: document.body.innerText, title: document.title, marks: window.marked,
    }));
    check('hostile: scripts', found.scripts === 2, String(found.scripts));
    check('hostile: images, handlers', found.images + found.handlers === 0);
    check('hostile: nothing ran', found.marks === undefined);
    for (const kind of ['user', 'agent', 'bucket', 'error', 'address', 'call'])
        check(`hostile: the ${kind} is there as text`, found.text.includes(`<img src=x onerror=marked=1>${kind}`));
    check('hostile: the title', found.title.includes('</title><script>marked=1</script>'), found.title);
    await page.context().close();
}

async function checkEmpty(browser) {
    const page = await open(browser, 'empty.html');
    const text = await page.evaluate(() => document.body.innerText);
    for (const said of ['There are no events in this database', 'No rule has run yet', 'UTC'])
        check('empty: says what is missing', text.includes(said), said);
    await checkAxe(page, 'empty');
    await page.context().close();
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
    const page = await open(browser, 'sample.html');
    await checkFits(page, 'sample 1280');
    await checkFilters(page);
    await checkIncidents(page);
    await checkKeyboard(page);
    await checkAxe(page, 'sample light');
    await page.context().close();

    const dark = await open(browser, 'sample.html', { colorScheme: 'dark' });
    check('dark: by the system\'s wish', await dark.evaluate(() => document.documentElement.dataset.theme) === 'dark');
    await checkCharts(dark, 'dark');
    await checkAxe(dark, 'sample dark');
    await dark.emulateMedia({ media: 'print' });
    check('print: filters are left out', !(await dark.locator('#filters').isVisible()));
    await dark.context().close();

    const narrow = await open(browser, 'sample.html', { viewport: { width: 400, height: 800 } });
    await checkFits(narrow, 'sample 400');
    await checkCharts(narrow, 'narrow');
    await narrow.context().close();

    await checkHostile(browser);
    await checkEmpty(browser);
} finally {
    await browser.close();
}
for (const failure of failures) console.log(`not ok ${failure}`);
console.log(failures.length ? `${failures.length} failures` : 'ok: the dashboard in a browser');
process.exit(failures.length ? 1 : 0);

'use strict';

/* What the page is made of: the data, the filters, and pieces of HTML. Text from logs is only ever set
 * as text. */

const data = JSON.parse(document.getElementById('data').textContent);
const page = data.page;
const OUTCOMES = ['done', 'denied', 'throttled', 'failed'];

/* Of the steps from `from` on, before `to`; account: its number, -1 all; who: 'name|suffix', '' all. */
const state = { from: 0, to: page.steps, account: -1, who: '' };

/* In a list's cells the number 100 stands for all items behind the hundredth: they are set apart. */
for (const list of Object.values(data)) {
    if (!list || !list.items) continue;
    const { i: numbers, ...columns } = list.cells;
    list.cells = { i: [] };
    list.rest = {};
    for (const [name, values] of Object.entries(columns)) {
        list.cells[name] = values.filter((v, k) => numbers[k] < 100);
        list.rest[name] = values.filter((v, k) => numbers[k] >= 100);
    }
    list.cells.i = numbers.filter(n => n < 100);
}

/* ---- HTML ---- */

function el(tag, attributes, ...children) {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
        if (name === 'class') e.className = value;
        else if (value !== null && value !== undefined && value !== false) e.setAttribute(name, value);
    }
    for (const child of children.flat())
        if (child !== null && child !== undefined)
            e.append(child instanceof Node ? child : document.createTextNode(String(child)));
    return e;
}

function svg(tag, attributes) {
    const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes || {})) e.setAttribute(name, value);
    return e;
}

const number = n => Number(n || 0).toLocaleString('en-US');
const plural = (n, one, many) => `${number(n)} ${n === 1 ? one : many || one + 's'}`;
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const cut = (text, n) => (text.length > n ? text.slice(0, n - 1) + '…' : text);

/* A name may hold what turns the writing around, or moves nothing: shown, it must not. */
function shown(text) {
    return String(text ?? '').replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '\ufffd');
}

function nameOf(name, suffix) {
    if (/^arn:aws[^:]*:iam::\d*:root$/.test(name)) return 'root';
    return shown(suffix ? `${name}@${suffix}` : name || '(no name)');
}

const serviceOf = source => shown(source.replace(/\.amazonaws\.com(\.cn)?$/, ''));

/* ---- time: all of it UTC ---- */

const HOUR = 3600e3;
const start = page.from ? Date.parse(page.from) : 0;
const timeOf = step => start + step * page.stepHours * HOUR;
const iso = ms => new Date(ms).toISOString().slice(0, 19) + 'Z';
const stepOf = ms => Math.floor((ms - start) / (page.stepHours * HOUR));
const clock = text => String(text || '').replace('T', ' ').replace(/:\d\dZ$/, '').replace('Z', '');

function labelOf(step) {
    const text = iso(timeOf(step));
    return page.stepHours >= 24 ? text.slice(0, 10) : `${text.slice(5, 10)} ${text.slice(11, 16)}`;
}

const stepName = page.stepHours === 1 ? 'hour'
    : page.stepHours % 24 ? `${page.stepHours} hours`
        : page.stepHours === 24 ? 'day' : `${page.stepHours / 24} days`;

/* ---- the data under the filters ---- */

/* Calls visit(k) for each cell k of the columns that lies in the time and account asked for. */
function visit(cells, each) {
    for (let k = 0; k < cells.s.length; k++) {
        const s = cells.s[k];
        if (s >= state.from && s < state.to && (state.account < 0 || !cells.a || cells.a[k] === state.account))
            each(k, s);
    }
}

/* The items of a list with their sums of `columns` under the filters, those that have any, the largest
 * first. item.at: the place of name and suffix in an item, where it has them. */
function itemsOf(list, columns, whoAt) {
    const sums = list.items.map((item, i) => {
        const sum = { i, item };
        for (const c of columns) sum[c] = 0;
        return sum;
    });
    visit(list.cells, k => {
        const sum = sums[list.cells.i[k]];
        for (const c of columns) sum[c] += list.cells[c][k];
    });
    return sums
        .filter(s => s.n > 0 && (whoAt === undefined || isWho(s.item[whoAt], s.item[whoAt + 1])))
        .sort((x, y) => y.n - x.n || x.i - y.i);
}

const isWho = (name, suffix) => !state.who || state.who === `${name}|${suffix}`;

function restOf(list, column) {
    let n = 0;
    if (!state.who) visit(list.rest, k => { n += list.rest[column][k]; });
    return n;
}

/* Sums a step, from the cells that `pick` gives a series' number for. */
function series(count, cells, column, pick) {
    const rows = Array.from({ length: count }, () => new Array(state.to - state.from).fill(0));
    visit(cells, (k, s) => {
        const which = pick(k);
        if (which >= 0) rows[which][s - state.from] += cells[column][k];
    });
    return rows;
}

const labels = () => Array.from({ length: state.to - state.from }, (_, i) => labelOf(state.from + i));

/* ---- SQL that gives what is shown ---- */

const quote = text => `'${String(text).replace(/'/g, "''")}'`;

/* The filters as a condition; with `who` also by identity. */
function where(options = {}) {
    const parts = [...(options.and || [])];
    if (state.from > 0 || page.isCut) parts.push(`hour >= ${quote(iso(timeOf(state.from)))}`);
    if (state.to < page.steps || page.isCut) parts.push(`hour < ${quote(state.to < page.steps ? iso(timeOf(state.to)) : page.end)}`);
    if (state.account >= 0) parts.push(`recipientAccountId = ${quote(page.accounts[state.account])}`);
    else if (page.account !== null) parts.push(`recipientAccountId = ${quote(page.account)}`);
    if (options.who && state.who) {
        const [name, suffix] = splitWho(state.who);
        parts.push(`accountName = ${quote(name)}`, `accountUPNSuffix = ${quote(suffix)}`);
    }
    return parts.length ? ` WHERE ${parts.join(' AND ')}` : '';
}

function splitWho(who) {
    const at = who.lastIndexOf('|');
    return [who.slice(0, at), who.slice(at + 1)];
}

/* ---- tables ---- */

/* columns: [title, kind], kind 'num', 'time' or ''. A cell is a text, a number or a node. */
function table(caption, columns, rows) {
    const head = el('tr', {}, columns.map(([title, kind]) => el('th', { scope: 'col', class: kind === 'num' ? 'num' : '' }, title)));
    const body = rows.map(row => el('tr', {}, row.map((value, i) =>
        el('td', { class: columns[i][1] || '' },
            value instanceof Node ? value : columns[i][1] === 'num' ? number(value) : shown(value)))));
    return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
        el('table', {}, el('caption', {}, caption), el('thead', {}, head), el('tbody', {}, body)));
}

const more = (n, what) => (n > 0 ? el('p', { class: 'more' }, `and ${number(n)} more ${what}`) : null);

/* The table behind a panel, and the line that gives it. It is filled when it is opened. */
function rows(id, fill, sql) {
    const details = el('details', { class: 'rows', id: `${id}-rows` }, el('summary', {}, 'Table and SQL'));
    const open = () => {
        if (!details.open || details.childElementCount > 1) return;
        details.append(...[fill(), ...[sql].flat().map(line => el('pre', { tabindex: '0', class: 'sql' }, line))].flat().filter(Boolean));
    };
    details.addEventListener('toggle', open);
    details.fill = open;
    return details;
}

/* The panels, in their order. Each has an id, a title, a note on what it shows, whether the identity filter
 * acts on it (who), and fill(), which gives what is in it under the filters as they are. */

const empty = text => el('p', { class: 'empty' }, text);
const nothing = () => empty(isFiltered() ? 'Nothing under these filters.' : 'Nothing in the logs.');
const isFiltered = () => state.from > 0 || state.to < page.steps || state.account >= 0 || state.who !== '';
const total = values => values.reduce((sum, n) => sum + n, 0);

/* ---- coverage ---- */

function coverageRow(place, i, counts, gone) {
    const n = page.steps;
    const figure = svg('svg', { viewBox: `0 0 ${n} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    const first = counts.findIndex(c => c > 0), last = counts.length - 1 - [...counts].reverse().findIndex(c => c > 0);
    const max = Math.max(...counts);
    const kind = s => (gone.has(s) ? 'gone' : counts[s] > 0 ? `l${1 + Math.min(3, Math.floor(4 * Math.sqrt(counts[s] / (max + 1))))}`
        : first >= 0 && s > first && s < last ? 'gap' : '');
    for (let s = 0; s < n;) {
        const now = kind(s);
        let end = s + 1;
        while (end < n && kind(end) === now) end++;
        if (now) figure.append(svg('rect', { x: s, y: 0, width: end - s, height: 1, class: now }));
        s = end;
    }
    if (state.from > 0) figure.append(svg('rect', { x: 0, y: 0, width: state.from, height: 1, class: 'out' }));
    if (state.to < n) figure.append(svg('rect', { x: state.to, y: 0, width: n - state.to, height: 1, class: 'out' }));
    const silent = counts.filter((c, s) => kind(s) === 'gap').length;
    return { figure, silent, first, last };
}

function coverage() {
    const cover = data.coverage;
    if (!cover.places.length)
        return [empty('There are no events: import logs with cloudtrail_import().')];
    const counts = cover.places.map(() => new Array(page.steps).fill(0));
    for (let k = 0; k < cover.cells.s.length; k++) counts[cover.cells.i[k]][cover.cells.s[k]] += cover.cells.n[k];
    const isShown = account => state.account < 0 || account === page.accounts[state.account];
    const body = [], told = [];
    cover.places.forEach(([account, region], i) => {
        if (!isShown(account)) return;
        const gone = new Set(cover.gone.filter(g => g[0] === account && g[1] === region && g[7]).map(g => g[2]));
        const row = coverageRow(cover.places[i], i, counts[i], gone);
        const seen = counts[i].slice(state.from, state.to);
        if (total(seen)) told.push([account, region, total(seen), seen.filter(n => n > 0).length, row.silent, gone.size]);
        const name = `${account || '(no account)'} ${region || '(no region)'}`;
        body.push(el('tr', {}, el('th', { scope: 'row', title: shown(name) }, shown(name)),
            el('td', { title: `${shown(name)}: ${plural(total(seen), 'event')}` }, row.figure)));
    });
    const ticks = el('td', {});
    const wanted = Math.max(2, Math.min(8, page.steps, Math.floor(document.documentElement.clientWidth / 170)));
    for (let t = 0; t < wanted; t++) {
        const step = Math.floor(t * page.steps / wanted);
        const tick = el('span', {}, labelOf(step));
        tick.style.left = `${100 * step / page.steps}%`;
        ticks.append(tick);
    }
    body.push(el('tr', { class: 'axis', 'aria-hidden': 'true' }, el('th', {}), ticks));
    const legend = [['l2', 'events (darker: more)'], ['gap', 'silent between events'], ['gone', 'files missing, altered or emptied']];
    const gone = cover.gone.filter(g => isShown(g[0]) && (g[2] === null || (g[2] >= state.from && g[2] < state.to)));
    const n = cover.moreBad + gone.filter(g => g[7]).length;
    return [
        el('table', { class: 'strip' }, el('tbody', {}, body)),
        el('ul', { class: 'legend' }, legend.map(([kind, text]) => el('li', {}, el('i', { class: kind }), text))),
        more(cover.more, 'of accounts and regions'),
        el('p', { class: 'more' }, n ? `${plural(n, 'log file or digest is', 'log files and digests are')} not as CloudTrail delivered them.`
            : page.proofs ? 'No file that a digest names is missing, altered or emptied.'
                : page.digests ? 'The imported digests miss no file; cloudtrail_verify() would also tell altered ones.'
                    : 'No digests were imported: that files are missing would not show, but for silent hours.'),
        rows('coverage', () => [
            table('Events by account and region', [['Account'], ['Region'], ['Events', 'num'], [`${stepName}s with events`, 'num'], ['silent between', 'num'], ['with missing files', 'num']], told),
            gone.length ? table('Not as CloudTrail delivered it, or without proof', [['State'], ['Account'], ['Region'], ['Time', 'time'], ['Object'], ['Why']],
                gone.map(g => [g[3], g[0], g[1], clock(g[4]), g[5], g[6]])) : null,
            more(cover.moreGone, 'of these'),
        ], [`SELECT recipientAccountId, awsRegion, sum(events) FROM dash_coverage${where()} GROUP BY 1, 2;`,
            'SELECT state, s3Object, oldestEventTime, detail FROM cloudtrail_missing;',
            'SELECT * FROM cloudtrail_coverage WHERE gap = 1;']),
    ];
}

/* ---- numbers ---- */

function numbers() {
    const calls = [0, 0, 0, 0];
    let changed = 0;
    visit(data.events.cells, k => {
        calls[data.events.cells.o[k]] += data.events.cells.n[k];
        changed += data.events.cells.c[k];
    });
    /* of a list that is cut the rest cannot be filtered */
    const cutList = (list, n) => (list.more > 0 && isFiltered() ? `${number(n)}+` : number(n + list.more));
    const tiles = [
        /* name, value, whether the identity filter acts, whether it is bad news */
        ['Incidents', cutList(data.incidents, incidentsShown().length), true, incidentsShown().length > 0],
        ['Calls', number(total(calls)), false],
        ['Changes', number(changed), false],
        ['Denied', number(calls[1]), false],
        ['Failed, throttled', number(calls[2] + calls[3]), false],
        ['Identities', cutList(data.identities, itemsOf(data.identities, ['n'], 1).length), true],
        ['Addresses', cutList(data.addresses, itemsOf(data.addresses, ['n']).length), false],
        ['Sign-ins', number(total(itemsOf(data.signins, ['n'], 1).map(s => s.n)) + restOf(data.signins, 'n')), true],
        ['Alerts suppressed', number(page.suppressed), null],
        ['Files read', number(page.files), null],
        ['Not readable', number(page.unreadable), null, page.unreadable > 0],
        ['Files not as delivered', number(data.coverage.gone.filter(g => g[7]).length + data.coverage.moreBad), null,
            data.coverage.gone.some(g => g[7])],
    ];
    return [
        el('dl', { class: 'tiles' }, tiles.map(([name, value, byWho, isBad]) => {
            const isAll = byWho === null && isFiltered(), isOfAll = byWho === false && state.who !== '';
            return el('div', { class: isAll || isOfAll ? 'tile dim' : 'tile' }, el('dt', {}, name),
                el('dd', { class: isBad ? 'bad' : '' }, value,
                    el('span', { class: 'of' }, isAll ? 'not filtered' : isOfAll ? 'of all identities' : '')));
        })),
        rows('numbers', () => [table('Calls by outcome', [['Outcome'], ['Calls', 'num']], OUTCOMES.map((o, i) => [o, calls[i]]).filter(r => r[1] > 0))],
            [`SELECT outcome, sum(events) FROM dash_event${where()} GROUP BY 1;`,
                "SELECT path, message FROM cloudtrail_problem JOIN cloudtrail_file USING (fileID) WHERE kind = 'unreadable';"]),
    ];
}

/* ---- incidents ---- */

const incidentStep = time => (Date.parse(time) - start) / (page.stepHours * HOUR);

function incidentsShown() {
    return data.incidents.list.filter(i =>
        incidentStep(i.last) >= state.from && incidentStep(i.first) < state.to &&
        (state.account < 0 || i.accounts.includes(page.accounts[state.account])) &&
        (!state.who || i.names.includes(state.who)));
}

function length(first, last) {
    const seconds = (Date.parse(last) - Date.parse(first)) / 1000;
    return seconds < 100 ? `${seconds} s` : seconds < 6000 ? `${Math.round(seconds / 60)} min`
        : seconds < 360000 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

function alertTold(alert) {
    return el('div', { class: 'alert' },
        el('p', {}, el('strong', {}, shown(alert.rule)), ` ${alert.severity}, ${clock(alert.first)}`,
            alert.state === 'new' ? null : el('span', {}, ' ', el('span', { class: 'badge' }, shown(alert.state)))),
        el('p', { class: 'story' }, shown(alert.story)),
        alert.notes ? el('p', {}, 'Notes: ', shown(alert.notes)) : null,
        alert.evidence.length ? table('Events of the alert', [['Time (UTC)', 'time'], ['Call'], ['Outcome'], ['Address'], ['Identity'], ['User agent']],
            alert.evidence.map(([time, call, outcome, address, agent, who]) =>
                [clock(time) + String(time).slice(16, 19), call, outcome, address, who, agent])) : null,
        more(alert.events - alert.evidence.length, 'events'),
        el('pre', { tabindex: '0', class: 'sql' }, `SELECT * FROM alert_evidence WHERE alertID = ${quote(alert.id)} ORDER BY step;`));
}

function incidentItem(i) {
    const told = el('details', { id: `incident-${i.rank}` },
        el('summary', {}, el('span', { class: 'line' },
            el('span', { class: 'when' }, clock(i.first)), el('span', { class: 'who' }, shown(i.who || '(no name)')),
            el('span', { class: 'badge' }, i.severity),
            i.changed ? el('span', { class: 'badge bad' }, plural(i.changed, 'change')) : null,
            i.credentials ? el('span', { class: 'badge bad' }, plural(i.credentials, 'new credential')) : null,
            i.logsStopped ? el('span', { class: 'badge bad' }, 'logs stopped') : null,
            i.denied ? el('span', { class: 'badge' }, `${number(i.denied)} denied`) : null,
            el('span', { class: 'badge' }, i.sentinel ? 'Sentinel saw it' : 'Sentinel missed it'),
            el('span', { class: 'when' }, length(i.first, i.last)))),
        el('p', { class: 'story' }, shown(i.summary)));
    told.addEventListener('toggle', () => {
        if (told.open && told.childElementCount === 2)
            told.append(...i.told.map(alertTold), ...[more(i.alerts - i.told.length, 'alerts of this incident')].filter(Boolean));
    });
    return el('li', { class: i.severity }, told);
}

const OPEN_INCIDENTS = 12; /* the rest behind a button */

function incidents() {
    const list = incidentsShown();
    if (!page.detectedAt)
        return [empty('No rule has run yet: call cloudtrail_detect(), then this page again.')];
    if (!list.length)
        return [isFiltered() ? nothing() : empty('The rules have found nothing.'), rows('incidents', () => [], incidentSql())];
    const levels = { High: '--denied', Medium: '--failed', Low: '--done', Informational: '--known' };
    const points = list.map(i => ({ x: incidentStep(i.first), y: i.weight, r: 5 + Math.min(9, Math.log2(1 + i.events)), i }));
    const chart = draw('incidents-chart', `${plural(list.length, 'incident')} over time, by weight; the list below has them`, 190, {
        type: 'bubble',
        data: { datasets: [{ label: 'Incidents', data: points, clip: 12,
            backgroundColor: points.map(p => css(levels[p.i.severity] || '--done') + 'cc') }] },
        options: {
            onClick: (event, hits) => { if (hits.length) openIncident(points[hits[0].index].i.rank); },
            scales: {
                x: axis({ min: state.from, max: state.to, ticks: { color: css('--soft'), maxRotation: 0, autoSkipPadding: 14, precision: 0,
                    callback: value => (Number.isInteger(value) ? labelOf(value) : '') } }),
                y: axis({ min: 0, suggestedMax: 160, title: { display: true, text: 'weight', color: css('--soft') } }),
            },
            plugins: {
                legend: { display: false },
                tooltip: { callbacks: { label: item => `${clock(item.raw.i.first)} ${shown(item.raw.i.who)}: ${plural(item.raw.i.events, 'event')}` } },
            },
        },
    });
    const lines = el('ol', { class: 'incidents' }, list.slice(0, OPEN_INCIDENTS).map(incidentItem));
    const rest = list.slice(OPEN_INCIDENTS);
    const button = rest.length ? el('button', { type: 'button', class: 'quiet' }, `Show ${number(rest.length)} more`) : null;
    if (button)
        button.addEventListener('click', () => {
            lines.append(...rest.map(incidentItem));
            lines.children[OPEN_INCIDENTS].querySelector('summary').focus();
            button.remove();
        });
    return [chart, lines, button, more(data.incidents.more, 'incidents in incident_ranked'),
        rows('incidents', () => table('Incidents, the weightiest first',
            [['From (UTC)', 'time'], ['For'], ['Who'], ['Severity'], ['Alerts', 'num'], ['Events', 'num'], ['Changes', 'num'], ['Credentials', 'num'], ['Denied', 'num'], ['Sentinel']],
            list.map(i => [clock(i.first), length(i.first, i.last), i.who, i.severity, i.alerts, i.events, i.changed, i.credentials, i.denied, i.sentinel ? 'yes' : 'missed'])),
        incidentSql())];
}

const incidentSql = () => 'SELECT firstTime, lastTime, who, severity, alerts, events, changed, credentials, denied, rules FROM incident_ranked ORDER BY rank;';

function openIncident(rank) {
    if (!document.getElementById(`incident-${rank}`)) {
        const button = document.querySelector('#incidents button');
        if (button) button.click();
    }
    const item = document.getElementById(`incident-${rank}`);
    if (!item) return;
    item.open = true;
    item.querySelector('summary').focus();
    item.scrollIntoView({ block: 'center' });
}

/* ---- events ---- */

function events() {
    const cells = data.events.cells;
    const sums = series(4, cells, 'n', k => cells.o[k]);
    if (!total(sums.map(total))) return [nothing()];
    const colours = ['--done', '--denied', '--throttled', '--failed'];
    const steps = labels();
    return [
        timeChart('events-chart', `Calls by ${stepName} and outcome: ${OUTCOMES.map((o, i) => `${number(total(sums[i]))} ${o}`).join(', ')}`,
            OUTCOMES.map((o, i) => [o, sums[i], css(colours[i])]).filter(set => total(set[1])), 230),
        rows('events', () => table(`Calls by ${stepName}`, [['From (UTC)', 'time'], ...OUTCOMES.map(o => [o, 'num'])],
            steps.map((l, s) => [clock(iso(timeOf(state.from + s))), ...sums.map(row => row[s])]).filter(r => total(r.slice(1)))),
        `SELECT hour, sum(events * (outcome = 'done')), sum(events * (outcome = 'denied')), sum(events * (outcome = 'throttled')), sum(events * (outcome = 'failed')) FROM dash_event${where()} GROUP BY hour;`),
    ];
}

/* ---- denied: a heat map, which is a table ---- */

function denied() {
    const list = itemsOf(data.denied, ['n'], 1);
    if (!list.length) return [nothing()];
    const names = new Map(), calls = new Map();
    for (const { item, n } of list) {
        const name = nameOf(item[1], item[2]), call = `${serviceOf(item[3])} ${shown(item[4])}`;
        names.set(name, (names.get(name) || 0) + n);
        calls.set(call, (calls.get(call) || 0) + n);
    }
    const top = (map, n) => [...map.entries()].sort((a, b) => b[1] - a[1]).slice(0, n).map(([key]) => key);
    const rowNames = top(names, 14), columnNames = top(calls, 14);
    const cell = new Map();
    for (const { item, n } of list) {
        const key = `${nameOf(item[1], item[2])}\n${serviceOf(item[3])} ${shown(item[4])}`;
        cell.set(key, (cell.get(key) || 0) + n);
    }
    const max = Math.max(...cell.values());
    const level = n => `h${Math.min(4, 1 + Math.floor(4 * Math.log(n) / Math.log(max + 1)))}`;
    return [
        el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Denied calls, who by call' },
            el('table', { class: 'heat' },
                el('thead', {}, el('tr', {}, el('td', {}), columnNames.map(name => el('th', { scope: 'col', title: name }, el('span', {}, name))))),
                el('tbody', {}, rowNames.map(name => el('tr', {}, el('th', { scope: 'row', title: name }, name),
                    columnNames.map(call => {
                        const n = cell.get(`${name}\n${call}`);
                        return el('td', { class: n ? level(n) : '' }, n ? number(n) : '');
                    })))))),
        more(Math.max(0, names.size - 14), 'identities in the table below'),
        more(Math.max(0, calls.size - 14), 'calls in the table below'),
        rows('denied', () => [table('Denied calls', [['Account'], ['Identity'], ['Service'], ['Call'], ['Calls', 'num']],
            list.map(({ item, n }) => [item[0], nameOf(item[1], item[2]), serviceOf(item[3]), item[4], n])), more(data.denied.more, 'rows')],
        `SELECT recipientAccountId, accountName, accountUPNSuffix, eventSource, eventName, sum(events) FROM dash_denied${where({ who: true })} GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC LIMIT 100;`),
    ];
}

/* ---- identities ---- */

function identities() {
    const list = itemsOf(data.identities, ['n', 'd', 'f', 'c'], 1);
    if (!list.length) return [nothing()];
    const first = list.slice(0, 12);
    const bars = first.map(s => {
        const name = nameOf(s.item[1], s.item[2]);
        const isTwice = first.some(o => o !== s && nameOf(o.item[1], o.item[2]) === name && o.item[0] !== s.item[0]);
        return [isTwice ? `${cut(name, 20)} ${shown(s.item[0])}` : name, [s.n - s.d - s.f - s.c, s.c, s.d, s.f]];
    });
    const services = data.identities.services;
    return [
        barChart('identities-chart', `The ${bars.length} identities with the most calls: ${bars.slice(0, 5).map(([n, v]) => `${n} ${number(total(v))}`).join(', ')}`,
            bars, [['read', css('--done')], ['changed', css('--new')], ['denied', css('--denied')], ['failed, throttled', css('--failed')]]),
        el('p', { class: 'more' }, services ? `Apart: ${plural(services, 'call')} that AWS made by itself, in all.` : ''),
        rows('identities', () => [table('Identities', [['Account'], ['Identity'], ['Type'], ['Calls', 'num'], ['Changes', 'num'], ['Denied', 'num'], ['Failed, throttled', 'num']],
            list.map(s => [s.item[0], nameOf(s.item[1], s.item[2]), s.item[3], s.n, s.c, s.d, s.f])), more(data.identities.more, 'identities')],
        `SELECT recipientAccountId, accountName, accountUPNSuffix, userIdentityType, sum(events) FROM dash_identity${where({ who: true, and: ['isService = 0'] })} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 100;`),
    ];
}

/* ---- addresses ---- */

function addresses() {
    const list = itemsOf(data.addresses, ['n', 'd']);
    const seen = data.addresses.seen;
    if (!list.length) return [nothing()];
    const known = series(1, seen, 'known', () => 0)[0], fresh = series(1, seen, 'new', () => 0)[0];
    const firstOf = s => data.addresses.firstSeen[s.i];
    const bars = list.slice(0, 8).map(s => [shown(s.item[1]) || '(no address)', [s.n - s.d, s.d]]);
    return [
        barChart('addresses-chart', `The ${bars.length} addresses with the most calls`, bars, [['not denied', css('--done')], ['denied', css('--denied')]]),
        el('h3', {}, `Different addresses by ${stepName}`),
        timeChart('seen-chart', `Different addresses by ${stepName}: ${number(total(fresh))} seen for the first time`,
            [['seen before', known, css('--known')], ['first seen', fresh, css('--new')]], 150),
        rows('addresses', () => [
            table('Addresses', [['Account'], ['Address'], ['First seen (UTC)', 'time'], ['Calls', 'num'], ['Denied', 'num']],
                list.map(s => [s.item[0], s.item[1], clock(firstOf(s)), s.n, s.d])), more(data.addresses.more, 'addresses'),
            data.addresses.services.length ? table('Calls by AWS itself, by service (all of the page)', [['Service'], ['Calls', 'num']], data.addresses.services) : null,
            more(data.addresses.moreServices, 'services'),
        ], [`SELECT recipientAccountId, sourceIPAddress, sum(events) FROM dash_address${where({ and: ['isService = 0'] })} GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 100;`,
            'SELECT recipientAccountId, sourceIPAddress, min(hour) FROM dash_address WHERE isService = 0 GROUP BY 1, 2;']),
    ];
}

/* ---- sign-ins ---- */

function signins() {
    const list = itemsOf(data.signins, ['n', 'd'], 1);
    if (!list.length)
        return [isFiltered() ? nothing() : empty('No event of signin.amazonaws.com. Sign-ins are logged in us-east-1, or in the region whose page was used: is that trail here?')];
    const cells = data.signins.cells, wanted = new Set(list.map(s => s.i));
    const rest = state.who ? { s: [], a: [], n: [], d: [] } : data.signins.rest;
    const good = series(1, cells, 'n', k => (wanted.has(cells.i[k]) && !cells.d[k] ? 0 : -1))[0];
    const bad = series(1, cells, 'd', k => (wanted.has(cells.i[k]) && cells.d[k] ? 0 : -1))[0];
    visit(rest, (k, s) => { good[s - state.from] += rest.n[k] - rest.d[k]; bad[s - state.from] += rest.d[k]; });
    const noMfa = total(list.filter(s => s.item[4] === 'ConsoleLogin' && s.item[5] === 'done' && s.item[6] === 'No').map(s => s.n));
    return [
        timeChart('signins-chart', `Sign-ins by ${stepName}: ${number(total(good))} done, ${number(total(bad))} failed`,
            [['done', good, css('--done')], ['failed', bad, css('--denied')]], 190),
        noMfa ? el('p', { class: 'more' }, el('span', { class: 'badge bad' }, `${plural(noMfa, 'console sign-in')} without MFA`)) : null,
        table('The most frequent', [['Identity'], ['Address'], ['What'], ['Outcome'], ['MFA'], ['Times', 'num']], list.slice(0, 7).map(({ item, n }) =>
            [nameOf(item[1], item[2]), item[3], item[4], item[5] === 'done' ? 'done' : el('span', { class: 'badge bad' }, item[5]), item[6], n])),
        more(list.length - 7, 'in the table below'),
        rows('signins', () => [table('Sign-ins', [['Account'], ['Identity'], ['Address'], ['What'], ['Outcome'], ['MFA'], ['Times', 'num']],
            list.map(({ item, n }) => [item[0], nameOf(item[1], item[2]), item[3], item[4], item[5], item[6], n])), more(data.signins.more, 'rows')],
        `SELECT recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress, eventName, outcome, mfa, sum(events) FROM dash_signin${where({ who: true })} GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 8 DESC LIMIT 100;`),
    ];
}

/* ---- what is stacked over time by the largest of its kinds ---- */

function byKind(list, items, keyOf) {
    const sums = new Map();
    for (const s of items) sums.set(keyOf(s.item), (sums.get(keyOf(s.item)) || 0) + s.n);
    const kinds = [...sums.entries()].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([key]) => key);
    const number_ = new Map(items.map(s => [s.i, kinds.indexOf(keyOf(s.item))]));
    const values = series(9, list.cells, 'n', k => {
        const kind = number_.get(list.cells.i[k]);
        return kind === undefined ? -1 : kind < 0 ? 8 : kind;
    });
    if (!state.who) visit(list.rest, (k, s) => { values[8][s - state.from] += list.rest.n[k]; });
    return [...kinds.map((name, i) => [name || '(none)', values[i], colour(i)]), ['others', values[8], colour(8)]].filter(set => total(set[1]));
}

/* ---- changes ---- */

function changes() {
    const list = itemsOf(data.changes, ['n']);
    if (!list.length) return [nothing()];
    const sets = byKind(data.changes, list, item => serviceOf(item[1]));
    return [
        timeChart('changes-chart', `Changes by ${stepName} and service: ${sets.map(s => `${s[0]} ${number(total(s[1]))}`).join(', ')}`, sets, 230),
        rows('changes', () => [table('Changes', [['Account'], ['Service'], ['Call'], ['Times', 'num']],
            list.map(({ item, n }) => [item[0], serviceOf(item[1]), item[2], n])), more(data.changes.more, 'rows')],
        `SELECT recipientAccountId, eventSource, eventName, sum(events) FROM dash_change${where({ and: ["outcome = 'done'"] })} GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 100;`),
    ];
}

function sensitive() {
    const list = itemsOf(data.sensitive, ['n'], 1);
    if (!list.length) return [isFiltered() ? nothing() : empty('None of the calls in sensitive_call.')];
    const line = ({ item, n, i }) => [data.sensitive.why[i], nameOf(item[1], item[2]), `${serviceOf(item[3])} ${item[4]}`,
        item[5] === 'done' ? 'done' : el('span', { class: 'badge bad' }, item[5]), n];
    const columns = [['Changes'], ['Identity'], ['Call'], ['Outcome'], ['Times', 'num']];
    const kinds = new Map();
    for (const s of list) kinds.set(data.sensitive.why[s.i], (kinds.get(data.sensitive.why[s.i]) || 0) + s.n);
    return [
        el('p', { class: 'more' }, [...kinds.entries()].sort((a, b) => b[1] - a[1]).map(([why, n]) =>
            el('span', {}, el('span', { class: 'badge' }, `${shown(why)} ${number(n)}`), ' '))),
        table('The most frequent', columns, list.slice(0, 10).map(line)),
        more(list.length - 10, 'in the table below'),
        rows('sensitive', () => [table('Sensitive changes, done and tried', [['Account'], ...columns],
            list.map(s => [s.item[0], ...line(s)])), more(data.sensitive.more, 'rows')],
        `SELECT recipientAccountId, accountName, accountUPNSuffix, d.eventSource, d.eventName, outcome, why, sum(events) FROM dash_change AS d JOIN sensitive_call AS s ON s.eventSource = d.eventSource AND s.eventName = aws_call_name(d.eventName)${where({ who: true })} GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 8 DESC LIMIT 100;`),
    ];
}

/* ---- clients ---- */

function clients() {
    const list = itemsOf(data.clients, ['n']);
    if (!list.length) return [nothing()];
    const sets = byKind(data.clients, list, item => shown(item[0]));
    const cli = list.filter(s => s.item[0] === 'aws-cli');
    const versions = cli.length ? byKind({ ...data.clients, rest: { s: [], a: [], n: [] } }, cli, item => shown(item[1])) : [];
    return [
        timeChart('clients-chart', `Calls by ${stepName} and client: ${sets.map(s => `${s[0]} ${number(total(s[1]))}`).join(', ')}`, sets, 210),
        el('h3', {}, 'Versions of the AWS CLI'),
        versions.length ? timeChart('versions-chart', `Calls of the AWS CLI by version: ${versions.map(s => `${s[0]} ${number(total(s[1]))}`).join(', ')}`, versions, 170)
            : empty('No call by the AWS CLI.'),
        rows('clients', () => [table('Clients', [['Client'], ['Version'], ['Calls', 'num']], list.map(({ item, n }) => [item[0], item[1], n])), more(data.clients.more, 'rows')],
            `SELECT client, clientVersion, sum(events) FROM dash_client${where({ and: ['isService = 0'] })} GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 100;`),
    ];
}

/* ---- hunts ---- */

function hunts() {
    const found = data.hunts;
    if (!found || !found.ranAt)
        return [empty('No hunt has run yet: call cloudtrail_hunt(), then this page again.')];
    const results = found.results.filter(r => incidentStep(r[4]) >= state.from && incidentStep(r[3]) < state.to &&
        (state.account < 0 || r[6] === page.accounts[state.account]) && isWho(r[7], r[8]));
    const by = new Map();
    for (const r of results) by.set(r[0], [...(by.get(r[0]) || []), r]);
    const wanted = found.list.filter(h => by.has(h[0]) || (!isFiltered() && h[3] > 0));
    return [
        found.isOld ? el('p', { class: 'notice' }, `The hunts ran on ${clock(found.ranAt)} UTC; files were imported since: call cloudtrail_hunt() again.`) : null,
        wanted.length ? el('ol', { class: 'incidents' }, wanted.map(h => {
            const own = by.get(h[0]) || [];
            return el('li', { class: h[2] }, el('details', {},
                el('summary', {}, el('span', { class: 'line' }, el('span', { class: 'who' }, shown(h[1])), el('span', { class: 'badge' }, h[2]),
                    el('span', { class: 'when' }, isFiltered() ? `${number(own.length)} of ${plural(h[3], 'finding')}` : plural(h[3], 'finding')))),
                own.length ? table(`What ${h[0]} found`, [['From (UTC)', 'time'], ['Who'], ['Address'], ['What'], ['Events', 'num']],
                    own.map(r => [clock(r[3]), nameOf(r[7], r[8]), r[5], r[9], r[10]])) : null,
                isFiltered() ? null : more(h[3] - own.length, 'findings'),
                el('pre', { tabindex: '0', class: 'sql' }, `SELECT * FROM hunt_result WHERE hunt = ${quote(h[0])};`)));
        })) : isFiltered() ? nothing() : empty(`${plural(found.list.length, 'hunt')} ran and found nothing.`),
        rows('hunts', () => table('Hunts', [['Hunt'], ['Severity'], ['Findings', 'num'], ['Why it did not run']], found.list.map(h => [h[1] || h[0], h[2], h[3], h[4]])),
            'SELECT title, severity, findings, error FROM hunt_summary;'),
    ];
}

const panels = [
    { id: 'coverage', title: 'What logs there are', size: 'wide', who: false, fill: coverage,
        note: () => `Events by account, region and ${stepName}.` },
    { id: 'numbers', title: 'In numbers', size: 'wide', who: null, fill: numbers, note: () => '' },
    { id: 'incidents', title: 'Incidents', size: 'wide', who: true, fill: incidents,
        note: () => 'Alerts that hang together, by what was changed, issued and denied. Open one for its story and events.' },
    { id: 'events', title: 'Calls over time', size: 'wide', who: false, fill: events,
        note: () => `By ${stepName} and outcome. A click on a bar shows that time alone.` },
    { id: 'denied', title: 'Denied calls', size: 'half', who: true, fill: denied, note: () => 'Who was refused what.' },
    { id: 'identities', title: 'Identities', size: 'half', who: true, fill: identities, note: () => 'Who made the most calls.' },
    { id: 'addresses', title: 'Source addresses', size: 'half', who: false, fill: addresses,
        note: () => 'Without services. First seen: of all the time in the database.' },
    { id: 'signins', title: 'Sign-ins', size: 'half', who: true, fill: signins, note: () => 'To the console, and changes of role in it.' },
    { id: 'changes', title: 'Changes', size: 'half', who: false, fill: changes, note: () => 'Calls that are not read-only and were done.' },
    { id: 'sensitive', title: 'Sensitive changes', size: 'half', who: true, fill: sensitive,
        note: () => 'Who gets in, may do what, what is logged, shared, undone: the list sensitive_call.' },
    { id: 'clients', title: 'Clients', size: 'wide', who: false, fill: clients,
        note: () => 'By their own words, which whoever calls may write. Without calls that AWS made by itself.' },
    { id: 'hunts', title: 'Hunts', size: 'wide', who: true, fill: hunts, note: () => 'Questions put to the logs, the gravest answers first.' },
];

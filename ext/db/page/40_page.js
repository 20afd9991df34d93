/* The page itself: the filters, the theme, and drawing all panels anew when one of them changes. */

const $ = id => document.getElementById(id);

function showPanel(panel) {
    const section = $(panel.id), body = section.querySelector('.body');
    const opened = [...body.querySelectorAll('details[open]')].map(d => d.id).filter(Boolean);
    forgetCharts(section);
    const isDim = state.who !== '' && panel.who === false;
    section.classList.toggle('dim', isDim);
    section.querySelector('.dimnote').textContent = isDim ? 'Of all identities: what is counted here does not tell them apart.' : '';
    section.querySelector('.note').textContent = panel.note();
    body.replaceChildren(...panel.fill().filter(Boolean));
    for (const id of opened) if ($(id)) $(id).open = true;
}

function show() {
    for (const panel of panels) showPanel(panel);
    drawPending();
    const parts = [];
    if (state.from > 0 || state.to < page.steps)
        parts.push(`${clock(iso(timeOf(state.from)))} to ${clock(iso(timeOf(state.to)))} UTC`);
    if (state.account >= 0) parts.push(`account ${shown(page.accounts[state.account])}`);
    if (state.who) parts.push(nameOf(...splitWho(state.who)));
    $('said').textContent = parts.length ? `Showing ${parts.join(', ')}` : '';
    $('reset').disabled = !parts.length;
    $('from').value = page.from ? iso(timeOf(state.from)).slice(0, 16) : '';
    $('to').value = page.from ? iso(timeOf(state.to)).slice(0, 16) : '';
    $('account').value = String(state.account);
    $('who').value = state.who;
}

function setFilter(change) {
    Object.assign(state, change);
    state.from = Math.max(0, Math.min(state.from, page.steps - 1));
    state.to = Math.max(state.from + 1, Math.min(state.to, page.steps));
    show();
}

function fillFilters() {
    const option = (value, text) => el('option', { value }, text);
    $('account').append(option('-1', 'All accounts'), ...page.accounts.map((a, i) => option(String(i), shown(a) || '(no account)')));
    const names = new Map();
    for (const item of data.identities.items)
        names.set(`${item[1]}|${item[2]}`, nameOf(item[1], item[2]));
    for (const incident of data.incidents.list)
        for (const who of incident.names)
            if (!names.has(who)) names.set(who, nameOf(...splitWho(who)));
    $('who').append(option('', 'All identities'), ...[...names.entries()].sort((a, b) => (a[1] < b[1] ? -1 : 1)).map(([key, name]) => option(key, cut(name, 60))));
    for (const id of ['from', 'to']) {
        $(id).min = iso(timeOf(0)).slice(0, 16);
        $(id).max = iso(timeOf(page.steps)).slice(0, 16);
        $(id).disabled = !page.from;
    }
    const time = id => Date.parse($(id).value + 'Z');
    $('from').addEventListener('change', () => setFilter({ from: stepOf(time('from')) || 0 }));
    $('to').addEventListener('change', () => setFilter({ to: Math.ceil((time('to') - start) / (page.stepHours * HOUR)) || page.steps }));
    $('account').addEventListener('change', () => setFilter({ account: Number($('account').value) }));
    $('who').addEventListener('change', () => setFilter({ who: $('who').value }));
    $('reset').addEventListener('click', () => {
        setFilter({ from: 0, to: page.steps, account: -1, who: '' });
        $('from').focus();
    });
    $('filters').addEventListener('submit', event => event.preventDefault());
}

function fillHead() {
    $('subtitle').textContent = page.from
        ? `${clock(page.from)} to ${clock(page.end)}, all times UTC. ${plural(page.accounts.length + page.moreAccounts, 'account')}, ${plural(page.regions, 'region')}.`
        : 'No events. All times would be UTC.';
    const notices = [];
    if (!page.events)
        notices.push(`There are no events in this database${page.files ? `, though ${plural(page.files, 'file was', 'files were')} read` : ''}: SELECT cloudtrail_import('folder'); reads some.`);
    else if (!page.steps || !page.accounts.length)
        notices.push(`No events lie in the time and account this page was made for; the database has ${number(page.events)}, from ${clock(page.firstTime)} to ${clock(page.lastTime)}.`);
    if (page.unreadable) notices.push(`${plural(page.unreadable, 'record or file', 'records or files')} could not be read: cloudtrail_problem says which and why.`);
    if (page.incomplete) notices.push(`${plural(page.incomplete, 'file was', 'files were')} not read to the end: import again.`);
    if (page.detectedAt && page.importedAt > page.detectedAt)
        notices.push(`The rules ran on ${clock(page.detectedAt)} UTC, and files were imported since: call cloudtrail_detect().`);
    for (const rule of page.failedRules) notices.push(`A rule did not run: ${shown(rule)}`);
    if (page.moreAccounts) notices.push(`Of the accounts the 100 with the most events can be chosen; ${number(page.moreAccounts)} more are in the sums.`);
    $('notices').replaceChildren(...notices.map(text => el('p', { class: 'notice' }, text)));
    $('foot').textContent = `Made ${clock(page.made)} UTC by sqlite-cloudtrail ${page.version}. This file is all there is: it asks for nothing.`;
}

function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    $('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
    $('theme').setAttribute('aria-label', `Switch to ${theme === 'dark' ? 'light' : 'dark'} colours`);
}

function main() {
    const wish = matchMedia('(prefers-color-scheme: dark)');
    setTheme(wish.matches ? 'dark' : 'light');
    const change = theme => { setTheme(theme); show(); };
    wish.addEventListener('change', () => change(wish.matches ? 'dark' : 'light'));
    $('theme').addEventListener('click', () => change(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
    let before;
    addEventListener('beforeprint', () => { before = document.documentElement.dataset.theme; change('light'); });
    addEventListener('afterprint', () => { if (before) change(before); });
    /* whether the page was made for a part of what there is: then the SQL lines say so */
    page.isCut = Boolean(page.from) && (iso(timeOf(0)) > page.firstTime || page.end <= page.lastTime);
    fillHead();
    fillFilters();
    for (const panel of panels)
        $('page').append(el('section', { id: panel.id, class: `panel ${panel.size}`, 'aria-labelledby': `${panel.id}-title` },
            el('h2', { id: `${panel.id}-title` }, panel.title), el('p', { class: 'note' }), el('p', { class: 'dimnote' }), el('div', { class: 'body' })));
    show();
    document.documentElement.dataset.drawn = 'yes';
}

main();

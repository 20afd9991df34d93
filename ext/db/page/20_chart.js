/* Charts. Chart.js draws on a canvas, which tells a screen reader nothing: each has a role and a label
 * that says what is in it, and its panel a table. */

Chart.defaults.animation = false;
Chart.defaults.font.family = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
Chart.defaults.font.size = 12;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.plugins.legend.labels.boxWidth = 12;
Chart.defaults.plugins.legend.position = 'bottom';
Chart.defaults.plugins.legend.align = 'start';

const charts = new Map(); /* by canvas id */

const SERIES = {
    light: ['#4878b0', '#c98a12', '#1f8a70', '#8a63a8', '#c2402f', '#5d9bb0', '#9a7b4f', '#d17fa3', '#a9b8c8'],
    dark: ['#6a9bd8', '#e0ab45', '#4fc3a1', '#b48ad4', '#ec6a58', '#79bfd6', '#c2a070', '#e79bbd', '#5b6a7c'],
};
const colour = i => SERIES[document.documentElement.dataset.theme][i % 9];

function draw(id, label, height, config) {
    const canvas = el('canvas', { id, role: 'img', 'aria-label': label });
    const box = el('div', { class: 'chart' }, canvas);
    box.style.height = `${height}px`;
    pending.push(() => {
        config.options = config.options || {};
        charts.set(id, new Chart(canvas, config));
    });
    return box;
}

/* Charts are made once their canvas is in the page, which gives it a size. */
let pending = [];
function drawPending() {
    const now = pending;
    pending = [];
    for (const make of now) make();
}

function forgetCharts(panel) {
    for (const canvas of panel.querySelectorAll('canvas')) {
        const chart = charts.get(canvas.id);
        if (chart) chart.destroy();
        charts.delete(canvas.id);
    }
}

const axis = extra => ({
    ticks: { color: css('--soft'), maxRotation: 0, autoSkipPadding: 14, precision: 0 },
    grid: { color: css('--line'), drawBorder: false },
    ...extra,
});

/* Stacked bars over time. sets: [name, values, colour]. A click on a bar shows its step alone. */
function timeChart(id, label, sets, height = 200) {
    return draw(id, label, height, {
        type: 'bar',
        data: {
            labels: labels(),
            datasets: sets.map(([name, values, color]) => ({
                label: name, data: values, backgroundColor: color, barPercentage: 1, categoryPercentage: 0.92,
            })),
        },
        options: {
            onClick: (event, hits) => {
                if (hits.length) setFilter({ from: state.from + hits[0].index, to: state.from + hits[0].index + 1 });
            },
            interaction: { mode: 'index', intersect: false },
            scales: {
                x: axis({ stacked: true, grid: { display: false } }),
                y: axis({ stacked: true, beginAtZero: true }),
            },
            plugins: {
                legend: { display: sets.length > 1, labels: { color: css('--ink'), boxWidth: 12 } },
                tooltip: { filter: item => item.raw > 0 },
            },
        },
    });
}

/* Bars of a list, the largest on top. bars: [name, [values of the sets]]; sets: [name, colour]. */
function barChart(id, label, bars, sets) {
    const room = document.documentElement.clientWidth < 600 ? 18 : 34;
    return draw(id, label, 46 + 23 * bars.length, {
        type: 'bar',
        data: {
            labels: bars.map(([name]) => cut(name, room)),
            datasets: sets.map(([name, color], i) => ({
                label: name, data: bars.map(([, values]) => values[i]), backgroundColor: color, barPercentage: 0.85,
                categoryPercentage: 0.9, stack: 'one',
            })),
        },
        options: {
            indexAxis: 'y',
            interaction: { mode: 'index', axis: 'y', intersect: false },
            scales: {
                x: axis({ stacked: true, beginAtZero: true }),
                y: axis({ stacked: true, grid: { display: false }, ticks: { color: css('--ink'), autoSkip: false } }),
            },
            plugins: {
                legend: { display: sets.length > 1, labels: { color: css('--ink'), boxWidth: 12 } },
                tooltip: { callbacks: { title: items => bars[items[0].dataIndex][0] } },
            },
        },
    });
}

// Draws the plots that the page holds as JSON (see Chart.java), in the colours of the page's style.
(() => {
  'use strict';
  const COLOURS = 7;
  const NARROW = 600; // pixels
  const plots = JSON.parse(document.getElementById('charts').textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let drawn = [];

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const number = v => Math.abs(v) >= 1000 ? v.toFixed(0) : v.toPrecision(4);
  const shorten = (text, most) => text.length <= most ? text : text.slice(0, most / 2 - 1) + '…' + text.slice(1 - most / 2);

  // Intervals, single samples, the dots of ratios, and the line of reference: Chart.js has none of these.
  const marks = {
    id: 'marks',
    afterDatasetsDraw(chart, args, options) {
      const {ctx, scales, chartArea: area} = chart;
      const across = options.horizontal;
      const scale = across ? scales.x : scales.y;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left - 6, area.top - 6, area.width + 12, area.height + 12);
      ctx.clip();
      const segment = (value1, place1, value2, place2) => {
        const a = scale.getPixelForValue(value1), b = scale.getPixelForValue(value2);
        ctx.beginPath();
        ctx.moveTo(across ? a : place1, across ? place1 : a);
        ctx.lineTo(across ? b : place2, across ? place2 : b);
        ctx.stroke();
      };
      const dot = (value, place, radius, fill) => {
        const a = scale.getPixelForValue(value);
        ctx.beginPath();
        ctx.arc(across ? a : place, across ? place : a, radius, 0, 2 * Math.PI);
        if (fill) {
          ctx.fill();
        } else {
          ctx.stroke();
        }
      };
      chart.data.datasets.forEach((set, s) => {
        if (!chart.isDatasetVisible(s)) {
          return;
        }
        chart.getDatasetMeta(s).data.forEach((element, i) => {
          const point = set.points[i];
          if (!point) {
            return;
          }
          const place = across ? element.y : element.x;
          ctx.strokeStyle = across && !options.dots ? options.text : set.colour;
          ctx.fillStyle = set.colour;
          ctx.lineWidth = options.dots ? 2 : 1.5;
          if (point.low != null) {
            segment(point.low, place, point.high, place);
            if (options.dots || !point.samples) { // else the least and the greatest sample are its ends
              segment(point.low, place - 5, point.low, place + 5);
              segment(point.high, place - 5, point.high, place + 5);
            }
          }
          ctx.lineWidth = 1;
          ctx.strokeStyle = options.text;
          (point.samples || []).forEach(sample => dot(sample, place, 2.5, false));
          if (options.dots) {
            dot(point.value, place, 5, true);
          }
        });
      });
      if (options.line != null) {
        ctx.strokeStyle = options.mark;
        ctx.lineWidth = 1.5;
        ctx.setLineDash([5, 4]);
        across ? segment(options.line, area.top, options.line, area.bottom)
               : segment(options.line, area.left, options.line, area.right);
      }
      ctx.restore();
    }
  };

  function draw(plot, canvas) {
    const narrow = innerWidth < NARROW;
    const bars = plot.kind === 'bars' || plot.kind === 'dots';
    const labelled = bars || plot.kind === 'steps';
    const labels = [...new Set(plot.series.flatMap(s => s.points.map(p => labelled ? p.label : p.x)))];
    if (!labelled) {
      labels.sort((a, b) => a - b);
    }
    const datasets = plot.series.map((series, i) => {
      const own = colour('s' + i % COLOURS);
      const points = labelled ? labels.map(label => series.points.find(p => p.label === label)) : series.points;
      return {
        label: shorten(series.name, narrow ? 40 : 100),
        points,
        colour: own,
        data: labelled ? points.map(p => p ? p.value : null) : points.map(p => ({x: p.x, y: p.value})),
        backgroundColor: plot.kind === 'dots' ? 'transparent' : own,
        borderColor: own,
        borderWidth: bars ? 0 : 2,
        borderDash: i >= COLOURS ? [6, 3] : [],
        pointRadius: 3.5,
        spanGaps: true,
        maxBarThickness: 26,
      };
    });
    const all = plot.series.flatMap(s => s.points).flatMap(p => [p.value, p.low, p.high, ...(p.samples || [])])
        .concat(plot.line).filter(v => v != null);
    const least = Math.min(...all), most = Math.max(...all), room = (most - least) * 0.08 || most * 0.05;
    const text = colour('text'), dim = colour('dim'), grid = colour('line');
    const values = {
      min: plot.kind === 'dots' ? least - room : undefined,
      suggestedMin: plot.unit === 'ratio' ? least - room : 0,
      suggestedMax: most + room / 2,
      title: {display: true, text: plot.unit, color: dim},
      ticks: {color: dim, maxTicksLimit: narrow ? 6 : 10},
      grid: {color: grid},
    };
    const places = {
      type: labelled ? 'category' : plot.kind === 'log_lines' ? 'logarithmic' : 'linear',
      labels: labelled ? labels.map(l => (narrow ? l.split(', ') : [l]).map(t => shorten(t, narrow ? 22 : 60))) : undefined,
      title: {display: !bars, text: plot.xTitle, color: dim},
      ticks: {color: dim, autoSkip: !bars, maxRotation: 45, ...(labelled ? {} : {callback: value => value})},
      grid: {color: grid, display: !bars},
      offset: labelled,
      afterBuildTicks: labelled ? undefined : axis => { axis.ticks = labels.map(value => ({value})); },
    };
    const lines = Math.max(1, ...(labelled ? places.labels.map(l => l.length) : []));
    const slot = Math.max(30 * datasets.length, 16 * lines + 14);
    canvas.parentNode.style.height = (bars ? labels.length * slot + 90 : 340)
        + (datasets.length > 1 ? 26 * Math.ceil(datasets.length / (narrow ? 1 : 2)) : 0) + 'px';
    return new Chart(canvas, {
      type: bars ? 'bar' : 'line',
      data: {labels: labelled ? places.labels : undefined, datasets},
      options: {
        animation: false,
        maintainAspectRatio: false,
        indexAxis: bars ? 'y' : 'x',
        interaction: {mode: 'nearest', intersect: false, axis: bars ? 'y' : 'x'},
        scales: bars ? {x: values, y: places} : {x: places, y: values},
        plugins: {
          legend: {
            display: datasets.length > 1,
            position: 'bottom',
            align: 'start',
            labels: {
              color: text, boxWidth: 14,
              generateLabels: chart => chart.data.datasets.map((set, i) => ({
                text: set.label, fillStyle: set.colour, strokeStyle: set.colour, fontColor: text,
                hidden: !chart.isDatasetVisible(i), datasetIndex: i,
              })),
            },
          },
          tooltip: {
            callbacks: {
              title: items => labelled ? labels[items[0].dataIndex] : plot.xTitle + ': ' + items[0].parsed.x,
              label: item => {
                const point = item.dataset.points[item.dataIndex];
                const interval = point.low == null ? '' : ' (' + number(point.low) + ' to ' + number(point.high) + ')';
                return plot.series[item.datasetIndex].name + ': ' + number(point.value) + ' ' + plot.unit + interval;
              },
            },
          },
          marks: {horizontal: bars, dots: plot.kind === 'dots', line: plot.line, text, mark: colour('mark')},
        },
      },
      plugins: [marks],
    });
  }

  function drawAll() {
    drawn.forEach(chart => chart.destroy());
    Chart.defaults.font.family = 'system-ui, sans-serif';
    drawn = plots.map((plot, i) => draw(plot, document.getElementById('plot-' + i)));
  }

  drawAll();
  dark.addEventListener('change', drawAll);
  let narrow = innerWidth < NARROW;
  addEventListener('resize', () => {
    if (narrow !== innerWidth < NARROW) {
      narrow = !narrow;
      drawAll();
    }
  });
})();

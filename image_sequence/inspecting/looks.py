"""How pages look: the style sheet that every page carries in itself."""

STYLE = """\
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #20242a; --muted: #5b6470; --line: #dcdfe3;
  --bar: #4c78a8; --odd: #c44e2b; --expected: #1b1d20; --band: #7d8794; --range: #1b1d20;
  --box: #e4572e; --link: #2a5d9f; --heat: #2f6db5; --on-heat: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16191d; --card: #1e2227; --ink: #e6e8ea; --muted: #a3abb5; --line: #363c44;
    --bar: #6f9fd0; --odd: #ff9166; --expected: #ffffff; --band: #aab3be; --range: #ffffff;
    --box: #ff7a4d; --link: #8ab8f0; --heat: #5b9be6; --on-heat: #0c0e10;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 70rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .6rem; }
h2 { font-size: 1.2rem; margin: 0 0 .8rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--link); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; padding: 0; }
section { border-top: 1px solid var(--line); padding-top: 1.2rem; margin-top: 2rem; }
.grid {
  display: grid; gap: 1.2rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr));
}
figure {
  margin: 0; padding: .8rem; min-width: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem;
}
figcaption { color: var(--muted); font-size: .875rem; line-height: 1.4; margin-top: .5rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--muted); font-family: system-ui, sans-serif; }
.chart { max-width: 32rem; margin: 0 auto; }
.chart text { font-size: 11px; font-variant-numeric: tabular-nums; }
.chart .axis { stroke: var(--line); stroke-width: 1; }
.chart .bar { fill: var(--bar); }
.chart .odd { fill: var(--odd); }
.chart .expected { stroke: var(--expected); stroke-width: 1.5; }
.chart .band { fill: var(--band); fill-opacity: .35; }
.chart .range { stroke: var(--range); stroke-width: 1.2; fill: none; }
.chart .heat { fill: var(--heat); }
.chart .outline { fill: none; stroke: var(--odd); stroke-width: 1.5; }
.chart .hit { fill: transparent; }
.chart .inside, .chart .on-heat { font-size: 9px; text-anchor: middle; pointer-events: none; }
.chart .inside { fill: var(--ink); }
.chart .on-heat { fill: var(--on-heat); }
.picture image { image-rendering: pixelated; }
.picture { max-width: 40rem; overflow: visible; }
.box { fill: none; stroke: var(--box); stroke-width: 1.2; vector-effect: non-scaling-stroke; }
.label { text-anchor: middle; font-weight: 600; }
.wide { grid-column: 1 / -1; overflow-x: auto; }
.wide .picture { max-width: none; min-width: 48rem; }
.scrolls { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th, td {
  text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; overflow-wrap: normal;
  border-bottom: 1px solid var(--line);
}
th { font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.note { color: var(--muted); }
.warning { border-left: .25rem solid var(--odd); padding-left: .7rem; }
pre {
  overflow-x: auto; padding: .8rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; font-size: .8125rem; line-height: 1.45; overflow-wrap: normal;
}
details { margin: .8rem 0; }
summary { cursor: pointer; }
"""

/** How the page looks. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2330; --faint: #6b7484; --line: #e3e6ec;
  --read: #cfe0f7; --write: #cdebd3; --aborted: #e4e4e4; --bad: #d21f3c; --near: #e08a00; --last: #2b6fd6; --on: #10151f; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --ink: #e4e8ef; --faint: #98a2b3; --line: #2a303b;
    --read: #27476f; --write: #245234; --aborted: #3a3f48; --bad: #ff5470; --near: #ffb03a; --last: #7fb0ff; --on: #eef2f8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
header, .legend { padding: 0 16px; }
h1 { font-size: 18px; font-weight: 500; margin: 14px 0 2px; }
h1 b { padding: 1px 9px; border-radius: 4px; color: #fff; background: #77808f; font-weight: 600; }
h1 b.violated { background: #c81e3a; }
h1 b.holds { background: #1f8a47; }
p { margin: 4px 0 8px; color: var(--faint); }
pre { margin: 8px 0; padding: 10px 12px; max-height: 30vh; overflow: auto; border: 1px solid var(--line);
  border-radius: 6px; font: 12.5px/1.5 ui-monospace, monospace; white-space: pre-wrap; }
.links a { display: inline-block; margin: 0 8px 2px 0; font: 12px ui-monospace, monospace; }
a[href] { color: var(--last); }
.legend b { display: inline-block; margin-right: 6px; padding: 0 7px; border-radius: 3px; font-weight: 400;
  font-size: 12px; color: var(--on); }
.overview { display: block; width: calc(100% - 32px); height: 64px; margin: 0 16px 8px; cursor: crosshair;
  border: 1px solid var(--line); border-radius: 4px; }
.overview .all { stroke: var(--faint); stroke-width: 0.6; opacity: 0.55; }
.overview .posts { stroke: var(--bad); stroke-width: 2px; vector-effect: non-scaling-stroke; }
.overview .window { fill: var(--last); opacity: 0.18; }
main { display: flex; border-top: 1px solid var(--line); }
nav { flex: none; min-width: 56px; max-width: 160px; overflow: hidden; border-right: 1px solid var(--line); }
nav div { padding: 2px 8px; white-space: nowrap; font: 12px/18px ui-monospace, monospace; border-bottom: 1px solid var(--line); }
nav .corner { height: 24px; color: var(--faint); }
section { overflow-x: auto; flex: 1; cursor: grab; }
.field { position: relative; padding-bottom: 12px; }
.axis { position: relative; height: 24px; border-bottom: 1px solid var(--line); }
.axis i { position: absolute; top: 3px; padding-left: 4px; border-left: 1px solid var(--faint); font: 11px ui-monospace, monospace;
  color: var(--faint); }
.lane { border-bottom: 1px solid var(--line); }
.row { position: relative; height: 22px; }
.lane .row:last-child { height: 21px; }
.row a { position: absolute; top: 2px; height: 17px; padding: 0 3px; overflow: hidden; white-space: nowrap; border-radius: 3px;
  font: 11px/17px ui-monospace, monospace; color: var(--on); scroll-margin: 120px 40vw; }
.read { background: var(--read); }
.write { background: var(--write); }
.aborted { background: var(--aborted); text-decoration: line-through; }
.unknown { background: repeating-linear-gradient(135deg, var(--write) 0 5px, transparent 5px 9px);
  border-left: 2px solid var(--faint); }
.read.unknown { background: repeating-linear-gradient(135deg, var(--read) 0 5px, transparent 5px 9px); }
.aside { opacity: 0.35; }
.offending { box-shadow: 0 0 0 2px var(--bad); z-index: 2; }
.concurrent { box-shadow: 0 0 0 2px var(--near); z-index: 1; }
.last { box-shadow: inset 0 -3px 0 var(--last); }
.row a:target { outline: 3px solid var(--bad); outline-offset: 2px; z-index: 3; }
.row a:hover { z-index: 4; outline: 1px solid var(--ink); }
`;

/** Moves along the history: to what is in question first, then to where the overview is clicked, or as it is dragged. */
export const SCRIPT = `
const view = document.querySelector('section');
const overview = document.querySelector('.overview');
const shown = overview.querySelector('.window');
const mark = () => { shown.setAttribute('x', view.scrollLeft); shown.setAttribute('width', view.clientWidth); };
const go = (event) => {
  const box = overview.getBoundingClientRect();
  view.scrollLeft = ((event.clientX - box.left) / box.width) * view.scrollWidth - view.clientWidth / 2;
};
overview.addEventListener('pointerdown', go);
overview.addEventListener('pointermove', (event) => { if (event.buttons) go(event); });
view.addEventListener('pointermove', (event) => { if (event.buttons) view.scrollLeft -= event.movementX; });
view.addEventListener('scroll', mark);
addEventListener('resize', mark);
const first = document.querySelector('.row .offending');
if (first && !location.hash) view.scrollLeft = first.offsetLeft - view.clientWidth / 2;
mark();
`;

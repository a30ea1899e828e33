/** A line of a plot. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly isDashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotOptions {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xMax: number;
  readonly yMax: number;
  readonly series: readonly Series[];
}

const [WIDTH, HEIGHT] = [760, 440];
const FRAME = { left: 70, right: 20, top: 50, bottom: 55 } as const;
const TICKS = 5;
const FONT = 'font-family="system-ui, sans-serif" font-size="13" fill="#333"';

/** Lines over linear axes from 0, as SVG. */
export function plot({ title, xTitle, yTitle, xMax, yMax, series }: PlotOptions): string {
  const x = (value: number): number => FRAME.left + (value / xMax) * (WIDTH - FRAME.left - FRAME.right);
  const y = (value: number): number => HEIGHT - FRAME.bottom - (value / yMax) * (HEIGHT - FRAME.top - FRAME.bottom);
  const number = (value: number): string => String(Math.round(value * 10) / 10);
  const parts: string[] = [];
  for (let tick = 0; tick <= TICKS; tick += 1) {
    const [atX, atY] = [(xMax * tick) / TICKS, (yMax * tick) / TICKS];
    parts.push(
      `<line x1="${number(x(0))}" x2="${number(x(xMax))}" y1="${number(y(atY))}" y2="${number(y(atY))}" stroke="#ddd"/>`,
      `<text x="${number(x(0) - 8)}" y="${number(y(atY) + 4)}" text-anchor="end" ${FONT}>${number(atY)}</text>`,
      `<text x="${number(x(atX))}" y="${number(y(0) + 20)}" text-anchor="middle" ${FONT}>${number(atX)}</text>`,
    );
  }
  for (const { color, isDashed = false, points } of series) {
    const path = points.map(([px, py]) => `${number(x(px))},${number(y(Math.min(py, yMax)))}`).join(' ');
    const style = isDashed ? 'stroke-width="1.5" stroke-dasharray="6 5"' : 'stroke-width="2.5"';
    parts.push(`<polyline points="${path}" fill="none" stroke="${color}" ${style}/>`);
  }
  series.forEach(({ name, color, isDashed = false }, index) => {
    const at = FRAME.top + 18 + index * 20;
    const dash = isDashed ? ' stroke-dasharray="6 5"' : '';
    parts.push(
      `<line x1="${x(0) + 14}" x2="${x(0) + 44}" y1="${at}" y2="${at}" stroke="${color}" stroke-width="2.5"${dash}/>`,
      `<text x="${x(0) + 52}" y="${at + 4}" ${FONT}>${name}</text>`,
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
<text x="${WIDTH / 2}" y="26" text-anchor="middle" ${FONT} font-weight="bold">${title}</text>
${parts.join('\n')}
<text x="${WIDTH / 2}" y="${HEIGHT - 12}" text-anchor="middle" ${FONT}>${xTitle}</text>
<text x="18" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 18 ${HEIGHT / 2})" ${FONT}>${yTitle}</text>
</svg>
`;
}

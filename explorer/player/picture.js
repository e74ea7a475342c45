// The two canvases of a player: each sample at one moment of a training, and the course of C over all of it.

const KNOWN = "#0072b2"; // as in player.css
const UNKNOWN = "#d55e00";
const GUIDE = "#7d8792"; // as in explorer/charts/style.py
const GRID = GUIDE + "40";
const LEFT = 58; // of both canvases, so that nothing moves sideways between them
const RIGHT = 22;
const TOP = 14;
const BELOW = 30; // the tick labels
const REACH = 24; // pixels from a mark at which it can still be pointed at
const HALO_MS = 600;

const written = (number) => number.toLocaleString("en-US", { maximumSignificantDigits: 12 });

class Picture {
  constructor(root) {
    this.root = root;
    this.scatter = root.querySelector(".scatter");
    this.course = root.querySelector(".course");
  }

  // To be called for other data, another size and another theme.
  fit(data) {
    this.data = data;
    const style = getComputedStyle(this.root);
    this.ink = style.color;
    this.paper = style.getPropertyValue("--st-background-color");
    this.font = style.fontFamily;
    this.dpr = devicePixelRatio;
    this.width = this.scatter.clientWidth;
    this.isSeen = this.width > 0; // not so in a tab that is not open
    if (!this.isSeen) return;
    for (const canvas of [this.scatter, this.course]) {
      canvas.width = Math.round(canvas.clientWidth * this.dpr);
      canvas.height = Math.round(canvas.clientHeight * this.dpr);
    }
    this.layer = new OffscreenCanvas(this.scatter.width, this.scatter.height).getContext("2d");
    this.pixels = this.layer.createImageData(this.scatter.width, this.scatter.height);
    this.colours = new Uint32Array(this.pixels.data.buffer);
    this.radius = 7 * (20 / Math.max(data.samples, 20)) ** 0.18; // 7 for 20 samples, 2 for 20,000
    this.marks = [0, 1].map((isKnown) => this.pixelsOf(this.radius, isKnown));
    this.halos = [UNKNOWN, KNOWN].map((colour) => this.pixelsOf(2.4 * this.radius, true, colour));
    this.bottom = this.scatter.clientHeight - BELOW;
    this.xs = Float32Array.from(data.across, (level) => this.acrossX(level / 65535));
    this.ys = new Float32Array(data.samples);
  }

  acrossX(share) {
    const margin = 2 * this.radius;
    return LEFT + margin + share * (this.width - LEFT - RIGHT - 2 * margin);
  }

  frameX(frame) {
    return LEFT + (frame / Math.max(this.data.steps.length - 1, 1)) * (this.width - LEFT - RIGHT);
  }

  frameAt(x) {
    const share = (x - LEFT) / (this.width - LEFT - RIGHT);
    return Math.round(Math.min(Math.max(share, 0), 1) * (this.data.steps.length - 1));
  }

  // The sample whose mark is nearest, or -1. To look at all 20,000 takes a tenth of a millisecond.
  nearest(x, y) {
    let found = -1;
    let least = REACH * REACH;
    for (let i = 0; i < this.data.samples; i++) {
      const distance = (this.xs[i] - x) ** 2 + (this.ys[i] - y) ** 2;
      if (distance < least) [found, least] = [i, distance];
    }
    return found;
  }

  // `changes`: [{ samples, age }], those that were just learned or lost, and since how many milliseconds.
  drawScatter(frame, position, sample, changes) {
    const { data, bottom } = this;
    const g = this.cleared(this.scatter);
    for (const tick of ticks(0, data.top, 4)) {
      const y = bottom - (tick / data.top) * (bottom - TOP);
      this.line(g, GRID, 1, [LEFT, y], [this.width - RIGHT, y]);
      this.text(g, written(tick), LEFT - 10, y, "right");
    }
    for (const tick of ticks(data.low, data.high, this.width / 120)) {
      const x = this.acrossX((tick - data.low) / (data.high - data.low));
      this.line(g, GRID, 1, [x, TOP], [x, bottom]);
      this.text(g, written(tick), x, bottom + 20, "center");
    }

    const now = frame * data.samples;
    const next = Math.min(frame + 1, data.steps.length - 1) * data.samples;
    for (let i = 0; i < data.samples; i++) {
      const shade = data.shade[now + i] + (position - frame) * (data.shade[next + i] - data.shade[now + i]);
      this.ys[i] = bottom - (shade / 255) * (bottom - TOP);
    }
    this.colours.fill(0);
    for (const { samples, age } of changes) {
      const faded = this.halos.map((halo) => fade(halo, 0.5 * (1 - age / HALO_MS)));
      for (const i of samples) this.stamp(faded[data.isKnown(frame, i)], i);
    }
    for (let i = 0; i < data.samples; i++) this.stamp(this.marks[data.isKnown(frame, i)], i);
    this.layer.putImageData(this.pixels, 0, 0);
    g.drawImage(this.layer.canvas, 0, 0, this.width, this.scatter.clientHeight);
    this.drawChosen(g, sample, data.isKnown(frame, sample));
  }

  drawChosen(g, sample, isKnown) {
    const [x, y] = [this.xs[sample], this.ys[sample]];
    g.beginPath();
    g.arc(x, y, this.radius + 6, 0, 7);
    g.fillStyle = this.paper;
    g.fill();
    this.disc(g, x, y, this.radius, isKnown);
    g.beginPath();
    g.arc(x, y, this.radius + 5, 0, 7);
    g.strokeStyle = this.ink;
    g.lineWidth = 2.5;
    g.stroke();
    const side = x < this.width / 2 ? 1 : -1; // towards the middle, where there is room
    const place = [x + side * (this.radius + 11), Math.min(Math.max(y, TOP + 4), this.bottom - 10)];
    g.font = `600 16px ${this.font}`;
    g.textAlign = side > 0 ? "left" : "right";
    g.strokeStyle = this.paper;
    g.lineWidth = 5;
    g.lineJoin = "round";
    g.strokeText(`sample ${sample}`, ...place);
    this.text(g, `sample ${sample}`, ...place, g.textAlign);
  }

  drawCourse(frame, position) {
    const { counts } = this.data;
    const most = Math.max(...counts, 1);
    const g = this.cleared(this.course);
    const bottom = this.course.clientHeight - BELOW;
    const height = (count) => bottom - (count / most) * (bottom - TOP);
    for (const count of [0, most]) {
      this.line(g, GRID, 1, [LEFT, height(count)], [this.width - RIGHT, height(count)]);
      this.text(g, written(count), LEFT - 10, height(count), "right");
    }
    this.drawSteps(g, bottom);
    const points = counts.map((count, at) => [this.frameX(at), height(count)]);
    const after = counts[Math.min(frame + 1, counts.length - 1)];
    const here = [this.frameX(position), height(counts[frame] + (position - frame) * (after - counts[frame]))];
    this.line(g, KNOWN + "66", 3, ...points);
    this.line(g, KNOWN, 3, ...points.slice(0, frame + 1), here);
    this.line(g, this.ink, 2, [here[0], TOP - 8], [here[0], bottom]);
    g.beginPath();
    g.arc(...here, 6, 0, 7);
    g.fillStyle = KNOWN;
    g.fill();
    g.stroke();
  }

  // Both ends, and of the powers of ten between them those that have room.
  drawSteps(g, bottom) {
    const { steps } = this.data;
    const wanted = [0, steps.at(-1)];
    for (let power = 1; power < steps.at(-1); power *= 10) wanted.push(power);
    const taken = [];
    for (const step of wanted) {
      const after = steps.findIndex((other) => other >= step);
      const before = after > 0 ? (steps[after] - step) / (steps[after] - steps[after - 1]) : 0;
      const x = this.frameX(after - before);
      const half = g.measureText(written(step)).width / 2 + 4;
      if (taken.some(([from, to]) => x + half > from && x - half < to)) continue;
      taken.push([x - half, x + half]);
      this.line(g, GUIDE, 1, [x, bottom], [x, bottom + 6]);
      this.text(g, written(step), x, bottom + 19, "center");
    }
  }

  // --- marks ---

  disc(g, x, y, radius, isKnown, colour = isKnown ? KNOWN : UNKNOWN) {
    const ring = Math.max(1.25, radius * 0.45);
    g.lineWidth = ring;
    g.fillStyle = g.strokeStyle = colour;
    g.beginPath();
    g.arc(x, y, isKnown ? radius : radius - ring / 2, 0, 7);
    if (isKnown) g.fill();
    else g.stroke();
  }

  pixelsOf(radius, isKnown, colour) {
    const size = 2 * Math.ceil((radius + 1) * this.dpr) + 1;
    const g = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true });
    g.scale(this.dpr, this.dpr);
    this.disc(g, size / 2 / this.dpr, size / 2 / this.dpr, radius, isKnown, colour);
    return { size, colours: new Uint32Array(g.getImageData(0, 0, size, size).data.buffer) };
  }

  // With thousands of marks, to set their pixels is several times faster than any call that draws them.
  stamp({ size, colours }, sample) {
    const width = this.pixels.width;
    let to = Math.round(this.ys[sample] * this.dpr - size / 2) * width;
    to += Math.round(this.xs[sample] * this.dpr - size / 2);
    let from = 0;
    for (let row = 0; row < size; row++, to += width - size) {
      for (let column = 0; column < size; column++, to++) {
        const colour = colours[from++];
        const alpha = colour >>> 24;
        if (alpha && alpha >= this.colours[to] >>> 24) this.colours[to] = colour; // no soft edge covers what is solid
      }
    }
  }

  // --- strokes ---

  cleared(canvas) {
    const g = canvas.getContext("2d");
    g.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    g.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    g.font = `15px ${this.font}`;
    g.textBaseline = "middle";
    return g;
  }

  line(g, colour, width, ...points) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    for (const [x, y] of points) g.lineTo(x, y);
    g.stroke();
  }

  text(g, words, x, y, align) {
    g.fillStyle = this.ink;
    g.textAlign = align;
    g.fillText(words, x, y);
  }
}

function fade({ size, colours }, strength) {
  return { size, colours: colours.map((c) => (c & 0xffffff) | (Math.round((c >>> 24) * strength) << 24)) };
}

// At most about so many, or 4, round numbers in a range.
function ticks(low, high, about) {
  const rough = (high - low) / Math.max(about, 4);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step); tick * step <= high + 1e-9 * step; tick++) found.push(tick * step);
  return found;
}

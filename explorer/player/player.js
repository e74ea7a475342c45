// What plays the picture, and what Python hears of it.

const PLAYING_MS = 8000; // from the first frame to the last, however many there are
const LONGEST_MS = 250; // of one step of the clock: a tab that was hidden goes on where it was
const PLAY = "M6 4v16l14-8z";
const PAUSE = "M6 4h4v16H6zM14 4h4v16h-4z";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const players = new WeakMap();

// Streamlit calls this again for each rerun of the page and each change of theme, on the same element.
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root));
  const player = players.get(root);
  player.receive(data, setStateValue);
  // Streamlit also cleans up after a call that a newer one overtook: then the element is still there.
  return () => root.isConnected || player.close();
}

// The other side of explorer/player/encoding.py.
function unpack(bytes) {
  const body = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, body)));
  const shades = body + 2 * head.samples;
  const bits = shades + head.steps.length * head.samples;
  const rowBytes = Math.ceil(head.samples / 8);
  return {
    ...head,
    across: new Uint16Array(bytes.slice(body, shades).buffer), // a copy, which begins at an even place
    shade: bytes.subarray(shades, bits),
    isKnown: (frame, sample) => (bytes[bits + frame * rowBytes + (sample >> 3)] >> (sample & 7)) & 1,
  };
}

class Player {
  constructor(root) {
    this.root = root;
    for (const name of ["tip", "across", "rewind", "back", "play", "forward", "scrub", "said"])
      this[name] = root.querySelector(`.${name}`);
    this.picture = new Picture(root);
    this.turn = 0; // how often Python was told something
    this.position = 0; // in frames; between two of them while playing
    this.playing = false;
    this.changes = []; // for the halos

    label(this.rewind, "Back to step 0, the same initialization");
    label(this.back, "One frame back");
    label(this.forward, "One frame forward");
    this.rewind.onclick = () => this.stop(0);
    this.back.onclick = () => this.stop(this.frame - 1);
    this.forward.onclick = () => this.stop(this.frame + 1);
    this.play.onclick = () => (this.playing ? this.stop(this.frame) : this.start());
    this.scrub.oninput = () => this.show(Number(this.scrub.value), false);
    this.scrub.onchange = () => this.tell();

    const { course, scatter } = this.picture;
    course.onpointerdown = (event) => {
      course.setPointerCapture(event.pointerId);
      course.onpointermove = (move) => this.show(this.picture.frameAt(move.offsetX), false);
      course.onpointermove(event);
    };
    course.onlostpointercapture = () => {
      course.onpointermove = null;
      this.tell();
    };
    scatter.onpointermove = (event) => this.point([event.offsetX, event.offsetY]);
    scatter.onpointerleave = () => this.point(null);
    scatter.onclick = (event) => {
      const sample = this.picture.nearest(event.offsetX, event.offsetY);
      if (sample < 0) return;
      this.sample = sample;
      this.redraw();
      this.tell();
    };

    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(root);
    document.fonts.ready.then(() => this.redraw());
  }

  close() {
    cancelAnimationFrame(this.request);
    this.observer.disconnect();
    players.delete(this.root);
  }

  // --- Python ---

  receive(bytes, setStateValue) {
    const came = unpack(bytes);
    this.setStateValue = setStateValue;
    const isOther = came.run !== this.data?.run;
    if (isOther) {
      this.data = came;
      this.turn = Math.max(this.turn, came.heard);
      this.agreed = {};
      this.changes = [];
      this.across.textContent = came.title;
      this.scrub.max = came.steps.length - 1;
    }
    // A message from before Python heard the last word knows nothing of it, and another is under way. One that only
    // repeats what both sides know must not stop a player that plays on from there.
    if (isOther || came.heard === this.turn) {
      if (came.sample !== this.agreed.sample) this.sample = came.sample;
      if (came.step !== this.agreed.step) this.show(came.steps.indexOf(came.step), false);
      this.agreed = { step: came.step, sample: came.sample };
    }
    this.fit();
    if (isOther) this.keepRoom();
  }

  tell() {
    this.turn += 1;
    this.agreed = { step: this.data.steps[this.frame], sample: this.sample };
    this.setStateValue("played", { run: this.data.run, turn: this.turn, ...this.agreed });
  }

  // --- where it stands ---

  start() {
    if (this.frame === this.data.steps.length - 1) this.show(0, true);
    this.playing = true;
    this.before = null;
    this.redraw();
  }

  stop(frame) {
    this.show(Math.min(Math.max(frame, 0), this.data.steps.length - 1), false);
    this.tell();
  }

  // What is memorized, and every number, is the earlier frame's, also while the marks move on to the next.
  show(position, playing) {
    const before = this.frame;
    this.position = position;
    this.frame = Math.floor(position);
    this.playing = playing;
    const moved = Math.abs(this.frame - before);
    if (!calm.matches && (playing ? moved : moved === 1)) this.note(before); // a leap changes too much to point at
    this.redraw();
  }

  note(before) {
    const { samples, isKnown } = this.data;
    const changed = [];
    for (let i = 0; i < samples; i++) if (isKnown(before, i) !== isKnown(this.frame, i)) changed.push(i);
    this.changes.push({ samples: changed, since: performance.now() });
  }

  advance(now) {
    const last = this.data.steps.length - 1;
    const passed = Math.min(now - (this.before ?? now), LONGEST_MS);
    const position = this.position + (passed / PLAYING_MS) * last;
    this.before = now;
    if (position >= last) this.stop(last);
    else this.show(position, true);
  }

  point(place) {
    this.pointer = place;
    this.redraw();
  }

  // --- drawing ---

  fit() {
    this.picture.fit(this.data);
    this.draw(performance.now()); // at once: canvases of another size are empty
  }

  redraw() {
    this.request ||= requestAnimationFrame((now) => {
      this.request = 0;
      if (this.playing) this.advance(now);
      this.draw(now);
      if (this.playing || this.changes.length) this.redraw();
    });
  }

  draw(now) {
    if (!this.picture.isSeen) return;
    const position = calm.matches ? this.frame : this.position;
    this.changes = this.changes.filter(({ since }) => now - since < HALO_MS);
    const aged = this.changes.map(({ samples, since }) => ({ samples, age: Math.max(now - since, 0) }));
    this.picture.drawScatter(this.frame, position, this.sample, aged);
    this.picture.drawCourse(this.frame, position);
    this.drawTip();
    this.describe(this.frame);
  }

  drawTip() {
    const { xs, ys, width, radius, bottom } = this.picture;
    const sample = this.pointer ? this.picture.nearest(...this.pointer) : -1;
    this.tip.hidden = sample < 0;
    if (sample < 0) return;
    const chance = ((this.data.top * (bottom - ys[sample])) / (bottom - TOP)).toFixed(2);
    const state = this.data.isKnown(this.frame, sample) ? "memorized" : "not memorized";
    this.tip.innerHTML = `Sample ${sample}: <i>p<sub>y</sub></i> = ${chance}, ${state}`;
    const left = Math.min(Math.max(xs[sample] - this.tip.offsetWidth / 2, 0), width - this.tip.offsetWidth);
    const above = ys[sample] - radius - 12 - this.tip.offsetHeight;
    this.tip.style.transform = `translate(${left}px, ${above > 0 ? above : ys[sample] + radius + 12}px)`;
  }

  describe(frame) {
    const { steps, counts, samples } = this.data;
    const [step, last, count, all] = [steps[frame], steps.at(-1), counts[frame], samples].map(written);
    this.scrub.value = frame;
    this.scrub.setAttribute("aria-valuetext", `step ${step}: ${count} of ${all} memorized`);
    this.said.innerHTML = `step ${step} of ${last} · <i>C</i> = ${count} of ${all} memorized`;
    label(this.play, this.playing ? "Pause" : "Play");
    this.play.querySelector("path").setAttribute("d", this.playing ? PAUSE : PLAY);
  }

  // For the longest text, so that the slider beside it keeps its length.
  keepRoom() {
    const last = written(this.data.steps.at(-1));
    const all = written(this.data.samples);
    const now = this.said.innerHTML;
    this.said.style.flexBasis = "auto";
    this.said.innerHTML = `step ${last} of ${last} · <i>C</i> = ${all} of ${all} memorized`;
    this.said.style.flexBasis = `${this.said.offsetWidth + 1}px`;
    this.said.innerHTML = now;
  }
}

function label(button, words) {
  button.title = words;
  button.setAttribute("aria-label", words);
}

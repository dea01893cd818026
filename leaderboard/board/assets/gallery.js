// Draws a gallery (leaderboard/board/gallery.py): a prompt and each model's sample of it. Data is written with textContent
// alone; the address of a file is built from its sha256 and nothing else. Clips of a gallery play in step.

const SHA256 = /^[0-9a-f]{64}$/;
const SPEEDS = [0.25, 0.5, 1, 2];
const APART = 0.08; // seconds that a playing clip may be off the common clock

const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== "") element.textContent = text;
  return element;
};

const button = (name, label, text) => Object.assign(make("button", name, text), { type: "button", title: label, ariaLabel: label });

const still = (kind, sha256, alt) => {
  const image = Object.assign(make("img"), { src: `/${kind}/${sha256}`, alt, loading: "lazy", decoding: "async" });
  image.onerror = () => image.replaceWith(make("div", "reason gone", "This file is gone, or cannot be shown."));
  return image;
};

const tiny = (tile) => tile.width && tile.width <= 256;

// A clip is fetched whole, so that every frame is there at once and many clips do not wait for each other's connections.
const moving = (tile) => {
  const video = make("video", tiny(tile) ? "small" : "");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto", disablePictureInPicture: true, ariaLabel: tile.alt });
  video.loaded = fetch(`/m/${tile.media}`)
    .then((answer) => (answer.ok ? answer.blob() : Promise.reject(answer.status)))
    .then((blob) => new Promise((done) => {
      video.onloadeddata = done;
      video.onerror = () => done(video.replaceWith(unplayable(tile)));
      video.src = URL.createObjectURL(blob);
    }))
    .catch(() => video.replaceWith(unplayable(tile)));
  return video;
};

const unplayable = (tile) => {
  const box = make("figure", "unplayable");
  box.append(still("t", tile.master, tile.alt), make("figcaption", "", "This browser cannot play the clip: its first frame."));
  return box;
};

const picture = (tile) => {
  const frame = make("div", "frame");
  if (!tile.media || !SHA256.test(tile.media) || !SHA256.test(tile.master ?? tile.media)) {
    frame.classList.add("missing");
    frame.append(make("div", "status", tile.status), make("div", "reason", tile.reason));
    return frame;
  }
  if (tile.video) {
    frame.append(moving(tile));
    return frame;
  }
  const link = make("a");
  Object.assign(link, { href: `/m/${tile.media}`, target: "_blank", rel: "noopener", title: "Open the original file" });
  const image = still("t", tile.media, tile.alt);
  image.className = tiny(tile) ? "small" : "";
  link.append(image);
  frame.append(link);
  return frame;
};

// Frames of a clip side by side; the server takes a moment to make them, so they come after the clip.
const strip = (tile, loaded) => {
  const link = make("a", tiny(tile) ? "strip small" : "strip");
  Object.assign(link, { href: `/m/${tile.media}`, target: "_blank", rel: "noopener", title: "Open the clip" });
  loaded.finally(() => link.append(still("s", tile.master, `Frames of the clip: ${tile.alt}`)));
  return link;
};

const card = (tile) => {
  const box = make("article", "tile");
  const head = make("header", "");
  head.append(make("div", "title", tile.title), make("div", "sub", tile.sub));
  const facts = make("dl", "");
  for (const fact of tile.facts) {
    const row = make("div", "fact");
    row.append(make("dt", "", fact.label), make("dd", `tone-${fact.tone}`, fact.text));
    facts.append(row);
  }
  const frame = picture(tile);
  box.append(frame);
  if (frame.firstChild?.loaded) box.append(strip(tile, frame.firstChild.loaded));
  box.append(head, facts);
  return box;
};

// One clock for all clips: it runs as long as the longest, at the finest rate among them; shorter clips wait at their end.
class Player {
  constructor(videos, tiles) {
    this.videos = videos;
    this.fps = Math.max(...tiles.map((tile) => tile.fps ?? 0)) || 24;
    this.length = Math.max(...tiles.map((tile) => tile.seconds ?? 0)) || 1;
    this.frames = Math.max(1, Math.round(this.length * this.fps));
    this.time = 0;
    this.speed = 1;
    this.playing = false;
    this.bar = this.controls();
    this.show();
  }

  controls() {
    const bar = Object.assign(make("div", "player"), { role: "group", ariaLabel: "All clips, in step" });
    this.play = button("play", "Play all clips", "▶");
    this.play.onclick = () => this.toggle();
    const back = button("step", "One frame back", "◂");
    back.onclick = () => this.step(-1);
    const on = button("step", "One frame on", "▸");
    on.onclick = () => this.step(1);
    this.scrub = Object.assign(make("input", "scrub"), { type: "range", min: 0, max: this.frames - 1, step: 1, ariaLabel: "Frame" });
    this.scrub.oninput = () => this.seek(Number(this.scrub.value));
    this.clock = Object.assign(make("output", "clock"), { ariaLive: "off" });
    const speed = Object.assign(make("select", "speed"), { ariaLabel: "Speed", title: "Speed" });
    for (const factor of SPEEDS) speed.append(Object.assign(make("option", "", `${factor}×`), { value: factor, selected: factor === 1 }));
    speed.onchange = () => this.pace(Number(speed.value));
    bar.append(this.play, back, on, this.scrub, this.clock, speed);
    bar.onkeydown = (event) => this.key(event);
    return bar;
  }

  key(event) {
    const plain = event.target !== this.scrub && event.target.tagName !== "SELECT";
    if (event.key === " " && event.target.tagName !== "BUTTON") this.toggle();
    else if (plain && event.key === "ArrowLeft") this.step(-1);
    else if (plain && event.key === "ArrowRight") this.step(1);
    else return;
    event.preventDefault();
  }

  get frame() {
    return Math.min(this.frames - 1, Math.max(0, Math.floor(this.time * this.fps + 1e-6)));
  }

  toggle() {
    this.playing ? this.pause() : this.start();
  }

  start() {
    this.playing = true;
    this.before = performance.now();
    for (const video of this.videos) this.run(video);
    this.show();
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.seek(this.frame);
  }

  run(video) {
    video.playbackRate = this.speed;
    this.place(video, this.time);
    video.play().catch(() => {});
  }

  tick(now) {
    this.time += ((now - this.before) / 1000) * this.speed;
    this.before = now;
    if (this.time >= this.length) {
      this.time = 0;
      for (const video of this.videos) this.run(video);
    }
    for (const video of this.videos) {
      if (!video.ended && Math.abs(video.currentTime - this.time) > APART * Math.max(1, this.speed)) this.place(video, this.time);
    }
    this.show();
    this.request = requestAnimationFrame((next) => this.tick(next));
  }

  // Into the middle of a frame: its edges belong to either side.
  seek(frame) {
    this.time = frame / this.fps;
    for (const video of this.videos) {
      video.pause();
      this.place(video, (frame + 0.5) / this.fps);
    }
    if (this.playing) this.pause();
    this.show();
  }

  place(video, time) {
    const end = Number.isFinite(video.duration) ? Math.max(0, video.duration - 0.25 / this.fps) : time;
    video.currentTime = Math.min(time, end);
  }

  step(by) {
    this.seek((this.frame + by + this.frames) % this.frames);
  }

  pace(speed) {
    this.speed = speed;
    for (const video of this.videos) video.playbackRate = speed;
  }

  show() {
    const label = this.playing ? "Pause all clips" : "Play all clips";
    Object.assign(this.play, { textContent: this.playing ? "❚❚" : "▶", title: label, ariaLabel: label });
    this.scrub.value = this.frame;
    const digits = String(this.frames).length;
    this.clock.textContent = `${this.time.toFixed(2)} / ${this.length.toFixed(2)} s · frame ${String(this.frame + 1).padStart(digits, " ")} of ${this.frames}`;
  }
}

const leave = (root) => {
  root.player?.pause();
  for (const video of root.querySelectorAll("video")) URL.revokeObjectURL(video.src);
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".gallery");
  leave(root);
  const grid = make("div", "grid");
  grid.append(...data.tiles.map(card));
  const videos = [...grid.querySelectorAll("video")];
  root.player = videos.length ? new Player(videos, data.tiles.filter((tile) => tile.video)) : undefined;
  const parts = [make("blockquote", "prompt", data.prompt), make("div", "about", data.about)];
  if (root.player) parts.push(root.player.bar);
  root.replaceChildren(...parts, grid);
  return () => leave(root);
}

// Draws a gallery (leaderboard/board/gallery.py): a prompt and each model's sample of it. Data is written with textContent
// alone; the address of a file is built from its sha256 and nothing else.

const SHA256 = /^[0-9a-f]{64}$/;

const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== "") element.textContent = text;
  return element;
};

const picture = (tile) => {
  const frame = make("div", "frame");
  if (!tile.media || !SHA256.test(tile.media)) {
    frame.classList.add("missing");
    frame.append(make("div", "status", tile.status), make("div", "reason", tile.reason));
    return frame;
  }
  if (tile.video) {
    const video = make("video");
    Object.assign(video, { src: `/m/${tile.media}`, controls: true, muted: true, loop: true, preload: "metadata" });
    video.setAttribute("aria-label", tile.alt);
    frame.append(video);
    return frame;
  }
  const link = make("a");
  Object.assign(link, { href: `/m/${tile.media}`, target: "_blank", rel: "noopener", title: "Open the original file" });
  const image = make("img", tile.width && tile.width <= 256 ? "small" : "");
  Object.assign(image, { src: `/t/${tile.media}`, alt: tile.alt, loading: "lazy", decoding: "async" });
  link.append(image);
  frame.append(link);
  return frame;
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
  box.append(picture(tile), head, facts);
  return box;
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".gallery");
  const prompt = make("blockquote", "prompt", data.prompt);
  const grid = make("div", "grid");
  grid.append(...data.tiles.map(card));
  root.replaceChildren(prompt, make("div", "about", data.about), grid);
}

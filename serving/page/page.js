// The page: films side by side, one lowest score and one window for all of them.

import { FilmView } from "/film_view.js";

const MOST_FILMS = 4;
const SCORE_STEPS = 1000;
const byId = (id) => document.getElementById(id);
const style = getComputedStyle(document.documentElement);
const colourOf = (label) => style.getPropertyValue(`--label-${label.toLowerCase()}`).trim();
const percent = (share) => `${Math.round(100 * share)} %`;

const films = [];
let chosen = null;
let model = null;

listen();
const started = start();
started.catch((error) => say(`${error.message}; load the page again`, true));

// Films may be given before the server has said what it runs: they wait for that.
function listen() {
  byId("files").addEventListener("change", (event) => {
    // Taken out first: emptying the input empties its list too.
    const files = [...event.target.files];
    event.target.value = "";
    openAll(files);
  });
  byId("examples").addEventListener("click", openExamples);
  byId("clear").addEventListener("click", () => [...films].forEach(close));
  for (const id of ["level", "width"]) byId(id).addEventListener("input", showWindow);
  byId("reset").addEventListener("click", resetViews);
  document.addEventListener("keydown", onKey);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("dragging"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    openAll([...event.dataTransfer.files]);
  });
  // Nothing of a film outlasts the page.
  window.addEventListener("pagehide", () => films.forEach(forget));
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

async function start() {
  model = await (await ask("/api/model")).json();
  setUpScores();
  byId("score").addEventListener("input", showFound);
  byId("boxes").addEventListener("change", showFound);
}

async function ask(address, options) {
  const answer = await fetch(address, options);
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Error(said.error || `the server answered ${answer.status}`);
}

function say(text, isWrong = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("wrong", isWrong);
}

async function openAll(files) {
  const wrong = [];
  const room = MOST_FILMS - films.length;
  if (files.length > room) {
    wrong.push(`${files.length - room} left out: at most ${MOST_FILMS} films side by side`);
  }
  for (const [index, file] of files.slice(0, Math.max(0, room)).entries()) {
    say(`Reading ${file.name} (${index + 1} of ${files.length}) …`);
    try {
      await started;
      if (file.size > model.most_file_bytes) {
        throw new Error(`${file.name}: has more than ${model.most_file_bytes >> 20} MiB`);
      }
      const address = `/api/films?name=${encodeURIComponent(file.name)}`;
      await show(await (await ask(address, { method: "POST", body: file })).json());
    } catch (error) {
      wrong.push(error.message);
    }
  }
  say(wrong.join("; "), true);
}

async function openExamples() {
  say("Drawing a synthetic case …");
  byId("examples").disabled = true;
  try {
    await started;
    [...films].forEach(close);
    for (const film of await (await ask("/api/examples", { method: "POST" })).json()) await show(film);
    say("");
  } catch (error) {
    say(error.message, true);
  } finally {
    byId("examples").disabled = false;
  }
}

async function show(film) {
  const bytes = await (await ask(`/api/films/${film.key}/pixels`)).arrayBuffer();
  const levels = film.bits === 8 ? new Uint8Array(bytes) : new Uint16Array(bytes);
  const article = byId("film-template").content.cloneNode(true).firstElementChild;
  byId("films").append(article);
  const { width, height, file_name: name } = film.result;
  article.querySelector("h2").textContent = name;
  const canvas = article.querySelector(".view");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Film ${name}`);
  film.article = article;
  film.hidden = new Set();
  film.view = new FilmView(canvas, { width, height, window: film.window }, levels);
  article.querySelector(".close").addEventListener("click", () => close(film));
  article.querySelector(".larger").addEventListener("click", () => film.view.magnify(1.5));
  article.querySelector(".smaller").addEventListener("click", () => film.view.magnify(1 / 1.5));
  article.querySelector(".whole").addEventListener("click", () => film.view.whole());
  for (const event of ["focusin", "pointerdown"]) article.addEventListener(event, () => choose(film));
  films.push(film);
  choose(film);
  showWindow();
}

function close(film) {
  forget(film);
  film.article.remove();
  films.splice(films.indexOf(film), 1);
  choose(films[0] || null);
  showFound();
}

function forget(film) {
  fetch(`/api/films/${film.key}`, { method: "DELETE", keepalive: true });
}

function choose(film) {
  chosen = film;
  for (const other of films) other.article.classList.toggle("chosen", other === film);
  showWindowNumbers();
}

// Along the measured curve where the checkpoint has one: only there is known what a score means.
function setUpScores() {
  const slider = byId("score");
  const curve = model.operating_curve;
  slider.min = 0;
  slider.max = curve.length ? curve.length - 1 : SCORE_STEPS;
  slider.step = 1;
  for (const [name, score] of Object.entries(model.operating_points)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      slider.value = placeOf(score);
      showFound();
    });
    byId("points").append(button);
  }
  slider.value = placeOf(model.default_score);
}

function placeOf(score) {
  const curve = model.operating_curve;
  if (!curve.length) return Math.round((1 - score) * SCORE_STEPS);
  const distances = curve.map((point) => Math.abs(point.score - score));
  return distances.indexOf(Math.min(...distances));
}

function point() {
  const at = Number(byId("score").value);
  if (model.operating_curve.length) return model.operating_curve[at];
  return { score: Math.max(model.lowest_score, 1 - at / SCORE_STEPS) };
}

function lowestScore() {
  return Math.max(model.lowest_score, point().score);
}

function showFound() {
  const { sensitivity, false_positives_per_image: falseBoxes } = point();
  const score = lowestScore();
  byId("score-value").textContent = score.toFixed(2);
  byId("measured").textContent = sensitivity === undefined
    ? "What this score means was not measured: run mammo calibrate on this pair."
    : `On the validation part: sensitivity ${percent(sensitivity)} at ${falseBoxes.toFixed(2)} false boxes a view.`;
  for (const film of films) showFoundOn(film, score);
  const isReading = films.length > 0;
  byId("controls").hidden = byId("clear").hidden = !isReading;
  document.body.classList.toggle("reading", isReading);
  const asked = new URLSearchParams([["score", score], ...films.map((film) => ["film", film.key])]);
  byId("save-json").href = `/api/results.json?${asked}`;
  byId("save-csv").href = `/api/results.csv?${asked}`;
  byId("save-report").href = `/api/report.dcm?${asked}`;
  byId("save-report").hidden = !films.every((film) => film.has_report);
}

function showFoundOn(film, score) {
  const found = film.result.detections.filter((detection) => detection.score >= score);
  const label = ["Cancer", "Benign"].find((name) => found.some((d) => d.label === name)) || "Normal";
  const [word, rest] = film.article.querySelectorAll(".label strong, .label span");
  word.textContent = label;
  word.style.borderColor = colourOf(label);
  const shares = Object.entries(filmScores(found)).map(([name, share]) => `${name} ${percent(share)}`);
  rest.textContent = found.length
    ? `${found.length} ${found.length === 1 ? "box" : "boxes"}; ${shares.join(", ")}` : "no box";
  film.article.querySelector(".save").href = `/api/films/${film.key}/annotated.png?score=${score}`;
  film.found = found;
  film.article.querySelector(".found").replaceChildren(
    ...found.map((detection, index) => listed(film, detection, index)));
  drawBoxes(film);
}

// Of the shown boxes, as pipeline/film_result.py has them in what is saved.
function filmScores(found) {
  const tumour = Math.max(0, ...found.map(({ score }) => score));
  const cancer = Math.max(0, ...found.map((d) => d.score * d.label_scores.Cancer));
  return { Normal: 1 - tumour, Benign: tumour - cancer, Cancer: cancer };
}

function drawBoxes(film) {
  const isShown = byId("boxes").checked;
  const boxes = film.found.map(({ bbox_xyxy: xyxy, label }, index) =>
    ({ xyxy, colour: colourOf(label), number: String(index + 1) }));
  film.view.setBoxes(boxes.filter((_, index) => isShown && !film.hidden.has(index)));
}

function listed(film, detection, index) {
  const item = byId("box-template").content.cloneNode(true).firstElementChild;
  const name = item.querySelector("b");
  name.textContent = `${index + 1}. ${detection.label}`;
  name.style.borderColor = colourOf(detection.label);
  const box = item.querySelector("input");
  box.checked = !film.hidden.has(index);
  box.addEventListener("change", () => {
    if (box.checked) film.hidden.delete(index);
    else film.hidden.add(index);
    drawBoxes(film);
  });
  film.view.crop(item.querySelector("canvas"), detection.bbox_xyxy);
  item.querySelector(".score").textContent = detection.score.toFixed(2);
  const probability = detection.label_scores[detection.label];
  item.querySelector(".probability").textContent = percent(probability);
  item.querySelector(".size").textContent = size(detection);
  return item;
}

function size({ size_mm: sizeMm, bbox_xyxy: [x1, y1, x2, y2] }) {
  if (sizeMm) return `${sizeMm[0].toFixed(1)} x ${sizeMm[1].toFixed(1)} mm`;
  return `${Math.round(x2 - x1)} x ${Math.round(y2 - y1)} px`;
}

function showWindow() {
  const [shift, factor] = [byId("level").value / 100, byId("width").value / 100];
  for (const film of films) film.view.setWindow(shift, factor);
  showFound();
  showWindowNumbers();
}

function showWindowNumbers() {
  if (!chosen) return;
  const { low, high } = chosen.view.shown;
  byId("level-value").textContent = Math.round((low + high) / 2);
  byId("width-value").textContent = Math.round(high - low);
}

function resetViews() {
  byId("level").value = 0;
  byId("width").value = 100;
  for (const film of films) film.view.whole();
  showWindow();
}

function onKey(event) {
  if (!model || event.ctrlKey || event.metaKey || event.altKey) return;
  // A slider's own keys stay its own.
  if (event.target.matches("input[type=range]") && event.key.startsWith("Arrow")) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step && films.length) {
    const next = films[(films.indexOf(chosen) + step + films.length) % films.length];
    next.article.focus();
    next.article.scrollIntoView({ block: "nearest" });
  } else if (event.key === "b") {
    byId("boxes").checked = !byId("boxes").checked;
    showFound();
  } else if (event.key === "?") {
    byId("help").togglePopover();
  } else if (chosen && ["+", "=", "-", "0"].includes(event.key)) {
    if (event.key === "0") chosen.view.whole();
    else chosen.view.magnify(event.key === "-" ? 1 / 1.5 : 1.5);
  } else {
    return;
  }
  event.preventDefault();
}

// One film on a canvas: its grey levels through a window, magnified, with boxes.

const LARGEST_ZOOM = 40;
const CROP_MARGIN = 0.35;

export class FilmView {
  constructor(canvas, { width, height, window: [low, high] }, levels) {
    this.canvas = canvas;
    this.own = { low, high };
    this.shown = { low, high };
    this.pyramid = shrunken(levels, width, height);
    this.boxes = [];
    this.whole();
    new ResizeObserver(() => this.draw()).observe(canvas);
    this.listen();
  }

  whole() {
    const { width, height } = this.pyramid[0];
    this.zoom = 1;
    this.middle = { x: width / 2, y: height / 2 };
    this.draw();
  }

  // Level and width as shares of the window that fits the film.
  setWindow(levelShift, widthFactor) {
    const width = this.own.high - this.own.low;
    const level = (this.own.low + this.own.high) / 2 + levelShift * width;
    this.shown = { low: level - (widthFactor * width) / 2, high: level + (widthFactor * width) / 2 };
    this.draw();
  }

  setBoxes(boxes) {
    this.boxes = boxes;
    this.draw();
  }

  // Screen pixels a film pixel.
  scale() {
    const { width, height } = this.pyramid[0];
    return this.zoom * Math.min(this.canvas.width / width, this.canvas.height / height);
  }

  magnify(factor, at) {
    const before = this.scale();
    this.zoom = Math.min(LARGEST_ZOOM, Math.max(1, this.zoom * factor));
    if (at) {
      // What lies under the pointer stays there.
      const change = 1 / before - 1 / this.scale();
      this.middle.x += (at.x - this.canvas.width / 2) * change;
      this.middle.y += (at.y - this.canvas.height / 2) * change;
    }
    this.draw();
  }

  draw() {
    const { canvas } = this;
    const dots = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * dots));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * dots));
    const { width, height } = this.pyramid[0];
    const scale = this.scale();
    this.middle.x = held(this.middle.x, canvas.width / scale, width);
    this.middle.y = held(this.middle.y, canvas.height / scale, height);
    const left = this.middle.x - canvas.width / scale / 2;
    const top = this.middle.y - canvas.height / scale / 2;
    const context = canvas.getContext("2d");
    this.paint(context, { left, top, width: canvas.width / scale, height: canvas.height / scale },
      canvas.width, canvas.height);
    context.lineWidth = 2 * dots;
    context.font = `bold ${13 * dots}px system-ui, sans-serif`;
    for (const { xyxy: [x1, y1, x2, y2], colour, number } of this.boxes) {
      const at = [(x1 - left) * scale, Math.max(13 * dots, (y1 - top) * scale - 4 * dots)];
      // Dark around the number, which may stand on bright tissue.
      context.strokeStyle = "black";
      context.strokeText(number, ...at);
      context.strokeStyle = context.fillStyle = colour;
      context.fillText(number, ...at);
      context.strokeRect((x1 - left) * scale, (y1 - top) * scale, (x2 - x1) * scale, (y2 - y1) * scale);
    }
  }

  // Draw what is in and around a box on a canvas of its own.
  crop(canvas, [x1, y1, x2, y2]) {
    const side = Math.max(x2 - x1, y2 - y1) * (1 + 2 * CROP_MARGIN);
    const part = { left: (x1 + x2 - side) / 2, top: (y1 + y2 - side) / 2, width: side, height: side };
    this.paint(canvas.getContext("2d"), part, canvas.width, canvas.height);
  }

  // Draw a part of the film, in film pixels, over a whole canvas.
  paint(context, part, canvasWidth, canvasHeight) {
    const scale = canvasWidth / part.width;
    const step = Math.max(0, Math.min(this.pyramid.length - 1, Math.floor(Math.log2(1 / scale))));
    const { levels, width, height } = this.pyramid[step];
    const film = this.pyramid[0];
    const [toX, toY] = [width / film.width, height / film.height];
    const x0 = Math.max(0, Math.floor(part.left * toX));
    const y0 = Math.max(0, Math.floor(part.top * toY));
    const x1 = Math.min(width, Math.ceil((part.left + part.width) * toX));
    const y1 = Math.min(height, Math.ceil((part.top + part.height) * toY));
    context.clearRect(0, 0, canvasWidth, canvasHeight);
    if (x1 <= x0 || y1 <= y0) return;
    const image = new ImageData(x1 - x0, y1 - y0);
    const grey = new Uint32Array(image.data.buffer);
    const { low, high } = this.shown;
    const gain = 255 / Math.max(high - low, 1e-6);
    for (let y = y0, to = 0; y < y1; y++) {
      for (let from = y * width + x0, end = y * width + x1; from < end; from++, to++) {
        const value = Math.min(255, Math.max(0, (levels[from] - low) * gain)) | 0;
        grey[to] = 0xff000000 | (value << 16) | (value << 8) | value;
      }
    }
    const picture = new OffscreenCanvas(image.width, image.height);
    picture.getContext("2d").putImageData(image, 0, 0);
    // Whoever magnifies wants to see the film's pixels.
    context.imageSmoothingEnabled = scale < 4;
    context.drawImage(picture, (x0 / toX - part.left) * scale, (y0 / toY - part.top) * scale,
      (image.width / toX) * scale, (image.height / toY) * scale);
  }

  listen() {
    const { canvas } = this;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) * canvas.width) / box.width,
        y: ((event.clientY - box.top) * canvas.height) / box.height };
    };
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.magnify(Math.exp(-event.deltaY / 400), place(event));
    }, { passive: false });
    canvas.addEventListener("dblclick", () => this.whole());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.held = place(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.held) return;
      const now = place(event);
      this.middle.x -= (now.x - this.held.x) / this.scale();
      this.middle.y -= (now.y - this.held.y) / this.scale();
      this.held = now;
      this.draw();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => { this.held = null; });
    }
  }
}

// Keep the middle of the view so that the film fills it, or stands in the middle of it.
function held(middle, shown, length) {
  if (shown >= length) return length / 2;
  return Math.min(length - shown / 2, Math.max(shown / 2, middle));
}

// The film, and its halves, quarters and so on, each pixel the mean of four.
function shrunken(levels, width, height) {
  const pyramid = [{ levels, width, height }];
  while (Math.min(width, height) > 256) {
    const [before, stride] = [pyramid.at(-1).levels, width];
    [width, height] = [width >> 1, height >> 1];
    const halves = new before.constructor(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = 2 * y * stride + 2 * x;
        halves[y * width + x] =
          (before[at] + before[at + 1] + before[at + stride] + before[at + stride + 1]) >> 2;
      }
    }
    pyramid.push({ levels: halves, width, height });
  }
  return pyramid;
}

// Put into every page before its own scripts: when the text of a book stands on the page, whatever reader shows it.
(() => {
  // Readers keep their frames in closed trees; the text is looked for from outside.
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    return attach.call(this, { ...options, mode: 'open' });
  };
  if (window !== window.top) return;

  const COLUMN = 0.25;
  /** Close enough to meet the last line of a chapter on a page of its own. */
  const ROWS = Array.from({ length: 44 }, (_, row) => 0.06 + row * 0.02);
  const numbers = new WeakMap();
  let known = 0;

  const top = (root, x, y) => {
    const found = root.elementFromPoint(x, y);
    // A tree that has nothing there answers with the element that it belongs to.
    return found?.shadowRoot && found !== root.host ? top(found.shadowRoot, x, y) : found;
  };

  /** The chapter and the page of it that stand there; null while there is no text, or something lies over it. */
  window.shown = () => {
    const x = innerWidth * COLUMN;
    const frame = top(document, x, innerHeight / 2);
    const chapter = frame?.localName === 'iframe' ? frame.contentDocument : null;
    if (!chapter?.body || !frame.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return null;
    const box = frame.getBoundingClientRect();
    const words = ROWS.map((row) => chapter.elementFromPoint(x - box.left, innerHeight * row - box.top));
    if (!words.some((one) => one && one !== chapter.body && one !== chapter.documentElement && one.textContent.trim())) return null;
    if (!numbers.has(chapter)) numbers.set(chapter, (known += 1));
    return `${numbers.get(chapter)} ${Math.round(box.left)} ${Math.round(box.top)}`;
  };

  /** Milliseconds until the first page was drawn. */
  window.firstPage = new Promise((resolve) => {
    const wait = () => {
      if (!window.shown()) requestAnimationFrame(wait);
      // Two frames later it has been drawn.
      else requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
    };
    wait();
  });

  /** Milliseconds until another page stands there, and whether it is one of another chapter. */
  const turned = (act) =>
    new Promise((resolve, reject) => {
      const before = window.shown();
      const begun = performance.now();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const now = window.shown();
        const milliseconds = performance.now() - begun;
        const turned = now && now !== before;
        if (!turned && milliseconds <= 10_000) return port2.postMessage(null);
        // An open port is kept for good, and would count as memory of the reader.
        port1.close();
        if (turned) resolve({ milliseconds, crossed: now.split(' ')[0] !== before?.split(' ')[0] });
        else reject(new Error(`The page ${before} did not turn.`));
      };
      void act();
      port2.postMessage(null);
    });

  /** Turns that many pages with that many milliseconds between them. */
  window.turns = async (act, count, pause) => {
    const found = [];
    for (let turn = 0; turn < count; turn += 1) {
      found.push(await turned(act));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return found;
  };
})();

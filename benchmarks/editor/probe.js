// Put into the page before its own scripts. It watches from outside: how long the callbacks of a frame take, when
// frames come, and how long it is from an input to the frame that shows it. Nothing of the editor is touched.
(() => {
  const request = window.requestAnimationFrame.bind(window);
  const frames = { on: false, work: [], times: [] };
  let last = { at: -1, work: 0 };
  let drawn = 0;
  window.requestAnimationFrame = (callback) =>
    request((now) => {
      const began = performance.now();
      callback(now);
      const took = performance.now() - began;
      drawn = performance.now();
      if (!frames.on) return;
      // Several callbacks may share a frame: their work adds up.
      if (last.at === now) frames.work[frames.work.length - 1] += took;
      else {
        frames.work.push(took);
        frames.times.push(now);
      }
      last = { at: now, work: took };
    });

  // The event's own duration, as the browser reckons it: from the input to the frame being presented. It tells none
  // below 16 ms and rounds to 8 ms; what it does not tell was faster.
  const shown = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === "keydown") shown.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: false });

  const answers = [];
  let listening = false;
  window.addEventListener(
    "keydown",
    (event) => {
      if (!listening) return;
      const pressed = event.timeStamp;
      // After the editor's own handler has asked for a frame: this one comes behind it in the same frame, and the
      // message after style, layout and paint of that frame.
      queueMicrotask(() =>
        request(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => answers.push(performance.now() - pressed);
          channel.port2.postMessage(null);
        }),
      );
    },
    true,
  );

  const deep = (selector, root = document) => {
    const here = root.querySelector(selector);
    if (here) return here;
    for (const node of root.querySelectorAll("*")) {
      const found = node.shadowRoot && deep(selector, node.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const id = (name) => deep(`[data-testid="${name}"]`);
  const frame = () => new Promise((done) => request(done));

  window.probe = {
    painted(canvas) {
      if (!canvas.width || !canvas.height) return 0;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) count += data[i] > 128;
      return count;
    },

    idle: (ms) => performance.now() - drawn > ms,

    // Of the recording, in seconds, as the editor has it: the audio element only guesses that of some formats.
    duration: () => Number(id("editor-waveform").parentElement.getAttribute("aria-valuemax")),

    // What is on view, as the overview's window tells: start and span in seconds.
    view() {
      const box = id("editor-overview").querySelector(".window");
      const duration = probe.duration();
      if (box.hidden) return { start: 0, span: duration };
      return { start: (parseFloat(box.style.left) / 100) * duration, span: (parseFloat(box.style.width) / 100) * duration };
    },

    // The same once a key or a click has been drawn.
    async viewNext() {
      for (let i = 0; i < 4; i++) await frame();
      return probe.view();
    },

    // Move along the recording for so many frames, and return the milliseconds that each took to draw.
    async pan(count) {
      const canvas = id("editor-waveform").parentElement;
      const box = canvas.getBoundingClientRect();
      const turn = (deltaX) =>
        canvas.dispatchEvent(new WheelEvent("wheel", { deltaX, bubbles: true, cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + 20 }));
      const { start, span } = probe.view();
      let way = start + span > probe.duration() * 0.98 ? -1 : 1;
      for (let i = 0; i < 20; i++) {
        turn(7 * way);
        await frame();
      }
      frames.work = [];
      frames.times = [];
      frames.on = true;
      for (let i = 0; i < count; i++) {
        if (i % 120 === 119) way = -way;
        turn(7 * way);
        await frame();
      }
      frames.on = false;
      return frames.work;
    },

    // Draw everything again so many times, as where the whole is on view and cannot be moved.
    async zoomAround(count) {
      const canvas = id("editor-waveform").parentElement;
      const box = canvas.getBoundingClientRect();
      const turn = (deltaY) =>
        canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, ctrlKey: true, bubbles: true, cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + 20 }));
      frames.work = [];
      frames.on = true;
      for (let i = 0; i < count; i++) {
        turn(i % 2 ? 2 : -2);
        await frame();
      }
      frames.on = false;
      return frames.work;
    },

    keysBegin() {
      answers.length = shown.length = 0;
      listening = true;
    },
    async keysEnd() {
      for (let i = 0; i < 20; i++) await frame();
      listening = false;
      return { answers: [...answers], shown: [...shown] };
    },

    // Watch a boundary while it is dragged: the times of the frames in which it stood elsewhere than before.
    watch(number) {
      const grip = deep(`[data-testid="boundary"][data-number="${number}"]`);
      const state = (window.probe.watched = { times: [], all: [], on: true });
      let before = grip.style.transform;
      const look = (now) => {
        if (!state.on) return;
        state.all.push(now);
        if (grip.style.transform !== before) {
          before = grip.style.transform;
          state.times.push(now);
        }
        request(look);
      };
      request(look);
    },
    // Pull it to and fro: one movement a frame, which is what browsers make of a mouse that reports more often. Sent
    // from outside, a movement waits until the one before it was handled: that would measure the way into the browser.
    async pull(number, x, y, reach, ms) {
      const grip = deep(`[data-testid="boundary"][data-number="${number}"]`);
      const from = performance.now();
      await new Promise((done) => {
        const step = (now) => {
          const clientX = x + reach - Math.abs((((now - from) * 0.4) % (4 * reach)) - 2 * reach);
          grip.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, bubbles: true, composed: true, altKey: true, clientX, clientY: y }));
          if (now - from < ms) request(step);
          else done();
        };
        request(step);
      });
    },
    watchEnd() {
      probe.watched.on = false;
      return { times: probe.watched.times, all: probe.watched.all };
    },

    // --- sound and picture -----------------------------------------------------------------------

    // Decode the bytes that are served to be played, as the browser does; return where clicks are, in seconds: the
    // centre of what is loud, as codecs smear a click over some milliseconds.
    async heard(rate) {
      const bytes = await (await fetch(id("editor-audio").src)).arrayBuffer();
      const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
      const loud = sound.getChannelData(0).map(Math.abs);
      const centres = [];
      for (let i = 0; i < loud.length; i++) {
        if (loud[i] < 0.2) continue;
        const [from, to] = [Math.max(0, i - Math.round(0.02 * rate)), Math.min(loud.length, i + Math.round(0.03 * rate))];
        centres.push(probe.centre(loud.subarray(from, to), from) / rate);
        i += Math.round(0.1 * rate);
      }
      return { times: centres, duration: sound.duration };
    },

    // The centre of gravity of what is higher than 30 % of the highest.
    centre(values, from) {
      let top = 0;
      for (const value of values) top = Math.max(top, value);
      let [sum, moment] = [0, 0];
      values.forEach((value, at) => {
        if (value < 0.3 * top) return;
        sum += value;
        moment += value * (from + at + 0.5);
      });
      return moment / sum;
    },

    // Where clicks are in the drawn waveform, in seconds: the centre of the high columns of its pixels.
    drawn() {
      const canvas = id("editor-waveform");
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const { start, span } = probe.view();
      const tall = new Float32Array(width);
      for (let x = 0; x < width; x++) for (let y = 0; y < height; y++) tall[x] += data[(y * width + x) * 4 + 3] > 128;
      const clicks = [];
      for (let x = 1; x < width; x++) {
        if (tall[x] < height * 0.2) continue;
        let end = x;
        while (end + 1 < width && tall[end + 1] >= height * 0.2) end++;
        const [from, to] = [Math.max(0, x - 12), Math.min(width, end + 13)];
        // One that is cut by the edge has no centre.
        if (x > 14 && end < width - 14) clicks.push(start + (probe.centre(tall.subarray(from, to), from) / width) * span);
        x = end;
      }
      return { clicks, start, span, pixel: span / width };
    },

    // While it plays: the playhead as it is drawn against the media clock, after every frame, and the media clock
    // against the wall's, in seconds.
    async follow(count) {
      const [audio, head, canvas] = [id("editor-audio"), id("playhead"), id("editor-waveform")];
      const [lags, clock] = [[], []];
      const settle = () =>
        new Promise((done) => {
          const channel = new MessageChannel();
          channel.port1.onmessage = done;
          channel.port2.postMessage(null);
        });
      for (let i = 0; i < count; i++) {
        await frame();
        await settle();
        const x = /translateX\(([-\d.]+)px\)/.exec(head.style.transform);
        const { start, span } = probe.view();
        const width = canvas.getBoundingClientRect().width;
        clock.push([performance.now() / 1000, audio.currentTime]);
        if (x && !head.hidden) lags.push(audio.currentTime - (start + (parseFloat(x[1]) / width) * span));
      }
      return { lags, clock };
    },
  };
})();

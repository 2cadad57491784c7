// Traces, or bars of a histogram, in a canvas: zoom, pan, a cursor that reads time and value on all channels.
// The numbers stand in the page. Of a long record they are the least and greatest of parts; finer ones are asked for
// when somebody looks closer, where a server is there to ask. Without this script the page shows the same as a picture.
(function () {
  "use strict";
  const block = document.getElementById("samples");
  const place = document.getElementById("viewer");
  if (!block || !place) { return; }
  const whole = JSON.parse(block.textContent);
  if (!whole || !whole.size) { return; }
  const bars = whole.kind === "intervals";
  const INK = "#1a1a1a", FAINT = "#5a5a5a", GRID = "#e4e4e4", ALARM = "#b00020";
  const LEFT = 74, RIGHT = 10, TOP = 20, GAP = 18, BELOW = 34, HIGH = 104;
  const address = place.dataset.samples || "";
  let data = whole, first = 0, behind = whole.size, cursor = null, drag = null, asked = "";

  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-describedby", "readout");
  canvas.setAttribute("aria-label", (bars ? "Peaks of intervals" : "Traces") + " of " +
    whole.channels.map((one) => one.channel).join(", ") +
    ". Left and right move the cursor, plus and minus zoom, page up and down move along, home shows all.");
  const tools = document.createElement("div");
  tools.className = "tools";
  const readout = document.createElement("output");
  readout.id = "readout";
  readout.setAttribute("aria-live", "polite");
  const buttons = [
    ["closer", "+", () => zoom(0.5)], ["wider", "−", () => zoom(2)], ["earlier", "◀", () => pan(-0.5)],
    ["later", "▶", () => pan(0.5)], ["all", "all", all],
  ];
  for (const [name, sign, act] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.dataset.act = name;
    button.setAttribute("aria-label", name === "all" ? "show all" : name);
    button.addEventListener("click", act);
    tools.append(button);
  }
  const hint = document.createElement("span");
  hint.className = "note";
  hint.textContent = "drag: a part; Ctrl and wheel: zoom; arrows: cursor";
  tools.append(hint);
  place.append(tools, canvas, readout);
  place.hidden = false;

  const height = TOP + whole.channels.length * (HIGH + GAP) + BELOW;
  function wide() { return canvas.clientWidth - LEFT - RIGHT; }
  function xOf(sample) { return LEFT + (sample - first) / (behind - first) * wide(); }
  function sampleAt(x) { return first + (x - LEFT) / wide() * (behind - first); }
  function top(row) { return TOP + row * (HIGH + GAP); }
  function yOf(row, value) {
    const channel = whole.channels[row], scale = channel.scale * 1.12 || 1;
    return bars ? top(row) + HIGH * (1 - value / scale) : top(row) + HIGH / 2 * (1 - value / scale);
  }
  function pad(number) { return String(number).padStart(2, "0"); }
  function clock(sample) {
    if (!whole.interval_s || !whole.start_local) { return "interval " + (Math.floor(sample) + 1); }
    // The unit's own clock has no zone; UTC arithmetic leaves it as it is.
    const at = new Date(Date.parse(whole.start_local.slice(0, 19) + "Z") + sample * whole.interval_s * 1000);
    return at.getUTCFullYear() + "-" + pad(at.getUTCMonth() + 1) + "-" + pad(at.getUTCDate()) + " " +
      pad(at.getUTCHours()) + ":" + pad(at.getUTCMinutes()) + ":" + pad(at.getUTCSeconds());
  }
  function seconds(sample) { return (sample - whole.pretrigger) / whole.sample_rate; }
  function when(sample) { return bars ? clock(sample) : seconds(sample).toFixed(4) + " s"; }

  function partAt(sample) {
    let low = 0, high = data.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (data.starts[middle] <= sample) { low = middle; } else { high = middle - 1; }
    }
    return low;
  }
  function endOf(part) { return part + 1 < data.starts.length ? data.starts[part + 1] : data.to; }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = height + "px";
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.clientWidth, height);
    pen.font = "12px 'DejaVu Sans', Verdana, sans-serif";
    across(pen);
    data.channels.forEach((channel, row) => drawn(pen, channel, row));
    if (cursor !== null) { line(pen, xOf(cursor + (bars ? 0.5 : 0)), INK); }
    if (drag && Math.abs(drag.now - drag.from) > 3) {
      pen.fillStyle = "rgba(29, 111, 209, 0.18)";
      pen.fillRect(Math.min(drag.from, drag.now), TOP, Math.abs(drag.now - drag.from), height - TOP - BELOW);
    }
  }
  function line(pen, x, colour, dashes) {
    if (x < LEFT || x > LEFT + wide()) { return; }
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.setLineDash(dashes || []);
    pen.beginPath();
    pen.moveTo(x, TOP);
    pen.lineTo(x, height - BELOW - GAP);
    pen.stroke();
    pen.setLineDash([]);
  }
  function across(pen) {
    pen.textAlign = "center";
    const most = Math.max(2, Math.floor(wide() / 130));
    const span = bars ? behind - first : (behind - first) / whole.sample_rate;
    let step = Math.pow(10, Math.floor(Math.log10(span / most)));
    for (const times of [1, 2, 5, 10]) { if (span / (step * times) <= most) { step *= times; break; } }
    if (bars) { step = Math.max(1, Math.round(step)); }
    const from = bars ? first : seconds(first);
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    for (let at = Math.ceil(from / step - 1e-9) * step; at <= from + span + step * 1e-9; at += step) {
      const x = LEFT + (at - from) / span * wide();
      line(pen, x, GRID);
      pen.fillStyle = FAINT;
      pen.fillText(bars ? clock(at).slice(5, 16) : (Math.abs(at) < step / 2 ? 0 : at).toFixed(decimals), x, height - BELOW + 2);
    }
    pen.fillText(bars ? (whole.interval_s ? "device-local time" : "number of the stored interval") : "seconds from the trigger",
      LEFT + wide() / 2, height - 8);
    if (!bars) {
      line(pen, xOf(whole.pretrigger), FAINT, [4, 3]);
      const x = xOf(whole.pretrigger);
      if (x >= LEFT && x <= LEFT + wide()) { pen.fillText("trigger", x, 12); }
    }
  }
  function drawn(pen, channel, row) {
    const y0 = top(row);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, y0, wide(), HIGH);
    pen.clip();
    pen.strokeStyle = GRID;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(LEFT, yOf(row, 0));
    pen.lineTo(LEFT + wide(), yOf(row, 0));
    pen.stroke();
    const from = Math.max(0, partAt(first) - 1), to = Math.min(data.starts.length - 1, partAt(behind) + 1);
    pen.strokeStyle = pen.fillStyle = channel.colour;
    pen.beginPath();
    let open = false;
    for (let part = from; part <= to; part += 1) {
      const low = channel.low[part], high = channel.high[part];
      if (low === null || high === null) { open = false; continue; }
      const x = xOf(data.starts[part]);
      if (bars) {
        const next = Math.max(xOf(endOf(part)), x + 1);
        pen.fillRect(x, yOf(row, high), Math.max(1, next - x - (next - x > 4 ? 1 : 0)), yOf(row, 0) - yOf(row, high));
      } else {
        // From the least to the greatest of each part: no peak is ever missing.
        if (open) { pen.lineTo(x, yOf(row, low)); } else { pen.moveTo(x, yOf(row, low)); }
        if (high !== low) { pen.lineTo(x, yOf(row, high)); }
        open = true;
      }
    }
    if (!bars) { pen.stroke(); }
    pen.fillStyle = ALARM;
    for (const part of channel.over_range) {
      if (part < from || part > to) { continue; }
      const greatest = Math.abs(channel.high[part]) >= Math.abs(channel.low[part]) ? channel.high[part] : channel.low[part];
      pen.fillRect(xOf(data.starts[part] + (bars ? 0.5 : 0)) - 2.5, yOf(row, greatest === null ? channel.scale : greatest) - 2.5, 5, 5);
    }
    const peak = whole.peaks[channel.channel];
    if (peak !== undefined && peak >= data.from && peak < data.to) {
      const part = partAt(peak), low = channel.low[part], high = channel.high[part];
      pen.strokeStyle = INK;
      pen.beginPath();
      pen.arc(xOf(data.starts[part]), yOf(row, Math.abs(high) >= Math.abs(low) ? high : low), 4, 0, 7);
      pen.stroke();
    }
    pen.restore();
    pen.strokeStyle = FAINT;
    pen.strokeRect(LEFT, y0, wide(), HIGH);
    pen.fillStyle = INK;
    pen.textAlign = "right";
    pen.fillText(channel.channel, LEFT - 8, y0 + HIGH / 2 - 2);
    pen.fillStyle = FAINT;
    pen.fillText(channel.unit, LEFT - 8, y0 + HIGH / 2 + 13);
    pen.fillText(Number(channel.scale.toPrecision(3)), LEFT - 8, y0 + 10);
    if (channel.over_range.length) {
      pen.fillStyle = ALARM;
      pen.textAlign = "left";
      pen.fillText("■ over range", LEFT + 4, y0 - 4);
    }
  }

  function short(number) { return String(Number(number.toPrecision(4))).replace("-", "−"); }
  function say() {
    if (cursor === null) { readout.textContent = ""; return; }
    const part = partAt(cursor), end = endOf(part), one = end - data.starts[part] <= 1;
    const values = data.channels.map((channel) => {
      const low = channel.low[part], high = channel.high[part];
      if (low === null || high === null) { return channel.channel + " not known"; }
      const over = channel.over_range.includes(part) ? " over range" : "";
      return channel.channel + " " + (one || low === high ? short(high) : short(low) + " to " + short(high)) + " " + channel.unit + over;
    });
    readout.textContent = when(data.starts[part]) + (one ? "" : " to " + when(end)) + ": " + values.join(", ");
  }
  function moved() {
    finer();
    draw();
    say();
    place.dataset.first = String(first);
    place.dataset.behind = String(behind);
  }
  function show(from, to) {
    const least = Math.min(whole.size, 8), span = Math.max(least, Math.min(whole.size, Math.round(to - from)));
    first = Math.max(0, Math.min(whole.size - span, Math.round(from)));
    behind = first + span;
    moved();
  }
  function zoom(times, around) {
    const centre = around === undefined ? (cursor === null ? (first + behind) / 2 : cursor) : around;
    show(centre - (centre - first) * times, centre + (behind - centre) * times);
  }
  function pan(share) { const by = share * (behind - first); show(first + by, behind + by); }
  function all() { show(0, whole.size); }
  function finer() {
    const rough = whole.size > whole.starts.length;
    if (!rough || !address) { data = whole; return; }
    if (data !== whole && data.from <= first && data.to >= behind && (behind - first) * 8 > data.to - data.from) { return; }
    data = whole;
    if (behind - first > whole.size / 1.5) { asked = ""; return; }
    const margin = Math.round((behind - first) / 2);
    const from = Math.max(0, first - margin), to = Math.min(whole.size, behind + margin);
    const wanted = address + "parts=8000&from=" + from + "&to=" + to;
    if (asked === wanted) { return; }
    asked = wanted;
    window.fetch(wanted, {credentials: "same-origin"}).then((answer) => answer.ok ? answer.json() : null).then((found) => {
      if (!found || asked !== wanted) { return; }
      data = found.samples;
      place.dataset.finer = wanted;
      draw();
      say();
    }).catch(() => { /* the rough picture stays, and has every peak */ });
  }
  function at(event) { return event.clientX - canvas.getBoundingClientRect().left; }
  function point(sample) { cursor = Math.max(0, Math.min(whole.size - 1, Math.floor(sample))); draw(); say(); }

  canvas.addEventListener("pointerdown", (event) => {
    drag = {from: at(event), now: at(event)};
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drag) { drag.now = at(event); }
    point(sampleAt(at(event)));
  });
  canvas.addEventListener("pointerup", (event) => {
    const done = drag;
    drag = null;
    if (done && Math.abs(done.now - done.from) > 6) {
      show(sampleAt(Math.min(done.from, done.now)), sampleAt(Math.max(done.from, done.now)));
    } else {
      point(sampleAt(at(event)));
      if (bars && place.dataset.interval) { window.location.href = place.dataset.interval + (cursor + 1) + "#interval"; }
    }
  });
  canvas.addEventListener("pointercancel", () => { drag = null; draw(); });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey && document.activeElement !== canvas) { return; }
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, sampleAt(at(event)));
  }, {passive: false});
  canvas.addEventListener("keydown", (event) => {
    const step = Math.max(1, Math.round((behind - first) / (event.shiftKey ? 20 : 200)));
    const now = cursor === null ? Math.round((first + behind) / 2) : cursor;
    const acts = {
      ArrowLeft: () => follow(now - step), ArrowRight: () => follow(now + step), "+": () => zoom(0.5), "=": () => zoom(0.5),
      "-": () => zoom(2), PageUp: () => pan(-0.5), PageDown: () => pan(0.5), Home: all,
    };
    if (acts[event.key] && !event.ctrlKey && !event.altKey && !event.metaKey) { event.preventDefault(); acts[event.key](); }
  });
  function follow(sample) {
    const span = behind - first;
    if (sample < first) { show(sample, sample + span); }
    if (sample >= behind) { show(sample + 1 - span, sample + 1); }
    point(sample);
  }
  const record = document.getElementById("record");
  if (record) { record.hidden = true; }
  window.addEventListener("resize", draw);
  moved();
}());

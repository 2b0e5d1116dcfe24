/* What pages gain from a script; all of it works without. Two things: Esc leaves an open question as its quiet
   link does, and a toast counts its seconds down (the clock time stands in its words anyway). */
"use strict";

document.addEventListener("keydown", (event) => {
  const question = document.querySelector("dialog[open][data-keep]");
  if (event.key !== "Escape" || event.defaultPrevented || !question) return;
  location.assign(question.dataset.keep);
});

function showTimeLeft(toast, now) {
  const seconds = Math.ceil((Date.parse(toast.dataset.until) - now) / 1000);
  const bar = toast.querySelector("progress");
  /* More than all of it is left: this computer's clock is wrong, and the words say the time. */
  if (bar && seconds > bar.max) return;
  if (bar) bar.value = bar.max - Math.max(seconds, 0);
  const clock = toast.querySelector("[data-left]");
  if (clock && seconds >= 0) clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  /* Never taken away from under the fingers of someone who is on it. */
  if (seconds < 0 && !toast.contains(document.activeElement)) toast.remove();
}

function tick() {
  document.querySelectorAll(".toast[data-until]").forEach((toast) => showTimeLeft(toast, Date.now()));
}

document.addEventListener("DOMContentLoaded", tick);
setInterval(tick, 1000);

"use strict";

// Keeps the home page as fresh as the hub. What comes is HTML that the server has escaped.
const EVERY_MS = 10_000;
const page = document.getElementById("live");
const lost = document.getElementById("lost");
let good = new Date();

async function refresh() {
  try {
    const answer = await fetch(page.dataset.url, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(EVERY_MS) });
    if (answer.status === 401) {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    page.innerHTML = await answer.text();
    good = new Date();
    lost.hidden = true;
  } catch {
    document.getElementById("lost-since").textContent = good.toLocaleTimeString();
    lost.hidden = false;
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);

// What makes the desk's pages handier. Every page works without it.

// A citizen's number takes its place in the page instead of opening one of its own.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-inline]")) return;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Fragment": "1" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const place = form.closest(".number");
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...shown.body.childNodes);
    place.tabIndex = -1;
    place.focus();
  } catch {
    form.submit();
  }
});

// Buttons that copy the text of another element.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.innerText);
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// Work that goes on is looked at again until it is done; then the whole page is.
async function lookAgain(part) {
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-again]");
    if (answer.ok && !next) { location.reload(); return; }
    if (next) { part.replaceWith(next); part = next; }
  } catch { /* the network is away: later */ }
  setTimeout(lookAgain, Number(part.dataset.again), part);
}
for (const part of document.querySelectorAll("[data-again]")) setTimeout(lookAgain, Number(part.dataset.again), part);

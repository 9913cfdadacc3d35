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

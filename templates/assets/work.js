// What makes working on reports quicker. Every page works without it.

// Ctrl+Enter sends the form one is writing in.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) event.target.form?.requestSubmit();
});

// A form that makes something is sent once, however often it is clicked.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});

// What is there to be copied is selected whole.
document.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea[readonly]")) event.target.select();
});

// The first thing to do on a page that has something to copy.
document.querySelector("button[data-first]")?.focus();

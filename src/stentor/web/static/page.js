// Keeps an open page up to date; without JavaScript it is read as it is, and everything works by links and forms.
"use strict";

const connection = document.getElementById("connection");

function say(text) {
  connection.textContent = text;
  connection.hidden = !text;
}

// An element is replaced by its new HTML; what a person has chosen in it, and where they are, stays.
function patch(id, html) {
  const old = document.getElementById(id);
  if (!old) return;
  const holder = document.createElement(old.parentNode.localName === "tbody" ? "tbody" : "div");
  holder.innerHTML = html;
  const made = holder.firstElementChild;
  if (!made || made.isEqualNode(old)) return;
  for (const box of old.querySelectorAll("input[type=checkbox]:checked")) {
    const same = made.querySelector(`input[name="${box.name}"][value="${CSS.escape(box.value)}"]`);
    if (same) same.checked = true;
  }
  const focused = [...old.querySelectorAll("a, input, button, [tabindex]")].indexOf(document.activeElement);
  const scrolled = [...old.querySelectorAll("pre")].map((text) => text.scrollTop);
  old.replaceWith(made);
  made.querySelectorAll("pre").forEach((text, at) => { text.scrollTop = scrolled[at] || 0; });
  if (focused >= 0) made.querySelectorAll("a, input, button, [tabindex]")[focused]?.focus();
}

const topics = (document.body.dataset.topic || "").split(" ").filter(Boolean);
if (topics.length) {
  const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
  const events = new EventSource(`/events?${query}`);
  events.addEventListener("open", () => say(""));
  events.addEventListener("patch", (event) => {
    for (const [id, html] of Object.entries(JSON.parse(event.data))) patch(id, html);
  });
  events.addEventListener("signed-out", () => {
    events.close();
    say("You are signed out; this page is no longer kept up to date.");
  });
  events.addEventListener("error", () => say("No connection to stentor serve; trying again."));
}

// How many nodes are ticked is said; one box ticks all that are shown.
const all = document.getElementById("all");
const picked = document.getElementById("picked");
const boxes = () => [...document.querySelectorAll("input[type=checkbox][form=pick]")];
function count() {
  const ticked = boxes().filter((box) => box.checked).length;
  const what = boxes()[0]?.name || "node";
  if (picked) picked.textContent = ticked ? `With ${ticked} ticked ${what}${ticked === 1 ? "" : "s"}:` : `With the ticked ${what}s:`;
  if (all) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
}
if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    count();
  });
}
if (picked) {
  document.addEventListener("change", count);
  count();
}

// "/" goes to the filter, as in many programs.
document.addEventListener("keydown", (event) => {
  const field = document.getElementById("q");
  if (event.key !== "/" || !field || event.ctrlKey || event.altKey || event.metaKey) return;
  if (document.activeElement instanceof HTMLInputElement && document.activeElement.type !== "checkbox") return;
  event.preventDefault();
  field.select();
});

// Passkeys: the browser makes them, the page hands over what is asked and what came of it.
async function ask(path, body, csrf) {
  const headers = { Accept: "application/json", ...(csrf && { "X-CSRF-Token": csrf }) };
  const answer = await fetch(path, { method: body ? "POST" : "GET", body, headers });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}
for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  const { passkey, options, answer, csrf } = button.dataset;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const asked = await ask(options);
      const made = passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
      location.assign((await ask(answer, JSON.stringify(made), csrf)).next);
    } catch (error) {
      document.getElementById("passkey-note").textContent = error.message;
      button.disabled = false;
    }
  });
}

// The demo's own few lines of fetch: read the tally, become a voter at the first click, declare the vote.
// What it shows off is the API; the element that publishers paste comes with a later release.

const { api, site, article } = await (await fetch("run.json")).json();
const base = `${api}/v1/sites/${site}`;
const voteUrl = `${base}/articles/${article}/vote`;
const words = { up: "Worth reading", down: "Not for me" };
const line = document.getElementById("line");
const choices = document.getElementById("choices");
const trouble = document.getElementById("trouble");
const tokenKey = `article-votes:${site}:token`;

let tally;
let vote = { choice: null, version: 0 };

function sentence() {
  const voters = tally.voters;
  const closed = tally.state === "closed" ? "Voting is closed. " : "";
  const mine = vote.choice !== null;
  if (voters === 0) return `${closed}${closed ? "Nobody has voted." : "Be the first to vote."}`;
  if (mine && voters === 1) return `${closed}Only you voted.`;
  const number = voters.toLocaleString("en");
  const users = voters === 1 ? "1 user has voted" : `${number} users have voted`;
  return `${closed}${users}${mine ? ", including you" : ""}.`;
}

function show() {
  line.textContent = sentence();
  choices.replaceChildren(...tally.ballot.choices.map((choice) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.choice = choice;
    button.textContent = `${words[choice] ?? choice} · ${tally.counts[choice].toLocaleString("en")}`;
    button.setAttribute("aria-pressed", String(vote.choice === choice));
    button.disabled = tally.state !== "open";
    button.addEventListener("click", () => declare(vote.choice === choice ? null : choice));
    return button;
  }));
}

// A tally may come out of a cache: never show an older one than was seen.
function take(newer) {
  if (newer && (!tally || newer.version >= tally.version)) tally = newer;
}

async function answer(request) {
  const response = await request;
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.detail), { status: response.status, body });
  return body;
}

async function token() {
  const kept = localStorage.getItem(tokenKey);
  if (kept) return kept;
  const { voter_token } = await answer(fetch(`${base}/voters`, { method: "POST" }));
  localStorage.setItem(tokenKey, voter_token);
  return voter_token;
}

// One wish has one key, however often it has to be sent: an answer that got lost is not a vote that got lost.
async function declare(choice) {
  const key = crypto.randomUUID();
  const focused = document.activeElement?.dataset?.choice;
  for (const button of choices.children) button.disabled = true;
  trouble.textContent = "";
  for (let attempt = 0; attempt < 6; attempt += 1) {
    try {
      const body = await answer(fetch(voteUrl, {
        method: choice === null ? "DELETE" : "PUT",
        headers: {
          Authorization: `Bearer ${await token()}`,
          "Idempotency-Key": key,
          "If-Match": `"${vote.version}"`,
          ...(choice === null ? {} : { "Content-Type": "application/json" }),
        },
        body: choice === null ? undefined : JSON.stringify({ choice }),
      }));
      vote = body.vote;
      take(body.tally);
      break;
    } catch (error) {
      if (error.status === 412) {
        vote = error.body.vote;
        take(error.body.tally);
        trouble.textContent = "Your vote had changed elsewhere. This is how it stands.";
        break;
      }
      if (error.status && error.status !== 503 && error.status !== 429) {
        trouble.textContent = error.message;
        break;
      }
      trouble.textContent = "The answer is late. Asking again…";
      await new Promise((done) => setTimeout(done, 300 * 2 ** attempt * Math.random()));
      if (attempt < 5) continue;
      trouble.textContent = "No answer. Your vote may or may not be counted; click again to make sure.";
    }
  }
  if (trouble.textContent.startsWith("The answer is late")) trouble.textContent = "";
  show();
  if (focused) choices.querySelector(`[data-choice="${CSS.escape(focused)}"]`)?.focus();
}

try {
  const kept = localStorage.getItem(tokenKey);
  if (kept) {
    const mine = await answer(fetch(voteUrl, { headers: { Authorization: `Bearer ${kept}` } })).catch((error) => {
      if (error.status === 401) localStorage.removeItem(tokenKey);
      return null;
    });
    if (mine) {
      vote = mine.vote;
      take(mine.tally);
    }
  }
  take(await answer(fetch(`${base}/articles/${article}/tally`)));
  show();
} catch (error) {
  trouble.textContent = `The votes cannot be shown: ${error.message}`;
}

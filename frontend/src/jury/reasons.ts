/** A rationale taken apart: what speaks for it, what against it, and what is said besides. Pure. */

export interface Reasons {
  likes: string[];
  dislikes: string[];
  besides: string[];
}

const FOR = /^for it:\s*/i;
const AGAINST = /^against it:\s*/i;

/**
 * Scorers write a line `For it: …; ….` and one `Against it: …`, with semicolons between the reasons, or plain lines.
 * A semicolon within a quotation belongs to it.
 */
export function reasonsOf(rationale: string | null): Reasons {
  const found: Reasons = { likes: [], dislikes: [], besides: [] };
  for (const raw of (rationale ?? "").split(/\n+/)) {
    const line = raw.replace(/^[-*•]\s*/, "").trim();
    if (!line) continue;
    if (FOR.test(line)) found.likes.push(...parts(line.replace(FOR, "")));
    else if (AGAINST.test(line)) found.dislikes.push(...parts(line.replace(AGAINST, "")));
    else found.besides.push(line);
  }
  return found;
}

function parts(text: string): string[] {
  const found = [""];
  let quoted = 0;
  for (const letter of text) {
    if (letter === "“") quoted++;
    if (letter === "”") quoted = Math.max(0, quoted - 1);
    if (letter === ";" && !quoted) found.push("");
    else found[found.length - 1] += letter;
  }
  return found.map((part) => part.trim().replace(/(?<!\.)\.$/, "")).filter(Boolean);
}

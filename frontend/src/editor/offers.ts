/** Every command as something the palette offers. */

import { COMMANDS, type Editor, shownKeys } from "./commands.ts";
import type { Offer } from "./palette.ts";

/** Those that can be done now come first; what another lane's keys mean is offered too, and turns to that lane. */
export function matchingOffers(editor: Editor): Offer[] {
  const { lane } = editor.session;
  return COMMANDS.filter(({ id }) => id !== "palette" && id !== "close")
    .map((command): Offer => {
      const elsewhere = command.lanes && !command.lanes.includes(lane) ? command.lanes[0]! : null;
      return {
        title: command.named?.(editor) ? `label ${command.named(editor)}` : command.title,
        aside: [elsewhere ? `marking ${elsewhere}` : null, shownKeys(command)].filter(Boolean).join(" · "),
        enabled: command.enabled(editor),
        run: () => {
          if (elsewhere) editor.session.lane = elsewhere;
          if (command.enabled(editor)) command.run(editor);
        },
      };
    })
    .sort((a, b) => Number(b.enabled ?? true) - Number(a.enabled ?? true));
}

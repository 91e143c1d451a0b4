import type { VNode } from "preact";
import type { Schedule } from "../../../../src/idl/triggers.ts";
import { Text } from "../../ui/text.tsx";
import { toScheduleWords } from "./schedule-words.ts";

/** When a trigger fires, in words, with the cron expression and its time zone. */
export function ScheduleText({ schedule }: { readonly schedule: Schedule | undefined }): VNode {
  if (schedule === undefined) return <span class="muted">on demand only</span>;
  const { words, expression, zone } = toScheduleWords(schedule);
  return (
    <div class="schedule">
      <Text max={200}>{words}</Text>
      {zone !== undefined && (
        <div class="muted">
          {expression !== undefined && (
            <>
              <code>
                <Text max={200}>{expression}</Text>
              </code>
              {" · "}
            </>
          )}
          <Text max={100}>{zone}</Text>
        </div>
      )}
    </div>
  );
}

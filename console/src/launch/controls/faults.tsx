import { createContext, type VNode } from "preact";
import { useContext } from "preact/hooks";
import { Text } from "../../ui/text.tsx";

/** What is wrong, by the `id` of the control. */
export type FaultsByPlace = ReadonlyMap<string, readonly string[]>;

export const FaultsContext = createContext<FaultsByPlace>(new Map());

/** What is wrong with the value of a control, in words. */
export function Faults({ place }: { readonly place: string }): VNode | null {
  const messages = useContext(FaultsContext).get(place);
  if (messages === undefined) return null;
  return (
    <div class="field-error" id={`${place}-error`}>
      {messages.map((message) => (
        <p key={message}>
          <Text max={1_000}>{message}</Text>
        </p>
      ))}
    </div>
  );
}

/** What ties a control to its fault and to a hint beside it. */
export function useFaultProps(
  place: string,
  hint?: string,
): { readonly "aria-invalid"?: true; readonly "aria-describedby"?: string } {
  const isFaulty = useContext(FaultsContext).has(place);
  const described = [isFaulty ? `${place}-error` : "", hint ?? ""].filter((id) => id !== "");
  return {
    ...(isFaulty && { "aria-invalid": true }),
    ...(described.length > 0 && { "aria-describedby": described.join(" ") }),
  };
}

/** What went wrong with one call, and what helps. */
export type Fault =
  /** Another try may work: the cloud or the network stumbled. */
  | { readonly is: "again"; readonly code: string; readonly message: string }
  /** We, or others in the account, call too often. */
  | {
      readonly is: "throttled";
      readonly code: string;
      readonly message: string;
      /** So many milliseconds no call will be answered, as the cloud says. */
      readonly after?: number;
    }
  /** The credentials have run out. New ones, and the same page again. */
  | { readonly is: "expired"; readonly code: string; readonly message: string }
  /** The list must be read from its beginning. */
  | { readonly is: "restart"; readonly code: string; readonly message: string }
  /** No, and it stays no. */
  | { readonly is: "refused"; readonly code: string; readonly message: string };

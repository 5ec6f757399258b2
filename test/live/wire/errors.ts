/** What goes wrong, in the words of each protocol. */
import type { Refusal } from "../estate/types.ts";
import type { Protocol } from "./operations.ts";
import { escaped } from "./xml.ts";

/** Kinds of errors that every service knows under one name or another. */
export type Trouble = keyof typeof troubles;

type Row = Readonly<Record<Protocol, readonly [status: number, code: string, message: string]>>;

const troubles = {
  denied: {
    ec2: [403, "UnauthorizedOperation", "You are not authorized to perform this operation."],
    query: [403, "AccessDenied", "User is not authorized to perform this operation."],
    json: [400, "AccessDeniedException", "User is not authorized to perform this operation."],
  },
  "opt-in": {
    ec2: [
      401,
      "OptInRequired",
      "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.",
    ],
    query: [403, "OptInRequired", "The AWS Access Key Id needs a subscription for the service."],
    json: [400, "OptInRequired", "The AWS Access Key Id needs a subscription for the service."],
  },
  credentials: {
    ec2: [401, "AuthFailure", "AWS was not able to validate the provided access credentials"],
    query: [403, "InvalidClientTokenId", "The security token included in the request is invalid."],
    json: [400, "UnrecognizedClientException", "The security token included in the request is invalid."],
  },
  unsigned: {
    ec2: [403, "MissingAuthenticationToken", "Request is missing Authentication Token"],
    query: [403, "MissingAuthenticationToken", "Request is missing Authentication Token"],
    json: [400, "MissingAuthenticationTokenException", "Missing Authentication Token"],
  },
  expired: {
    ec2: [400, "RequestExpired", "Request has expired."],
    query: [403, "ExpiredToken", "The security token included in the request is expired"],
    json: [400, "ExpiredTokenException", "The security token included in the request is expired"],
  },
  throttled: {
    ec2: [503, "RequestLimitExceeded", "Request limit exceeded."],
    query: [400, "Throttling", "Rate exceeded"],
    json: [400, "ThrottlingException", "Rate exceeded"],
  },
  internal: {
    ec2: [500, "InternalError", "An internal error has occurred"],
    query: [500, "InternalFailure", "The request processing has failed because of an unknown error."],
    json: [500, "InternalFailure", "The request processing has failed because of an unknown error."],
  },
  unavailable: {
    ec2: [503, "Unavailable", "The service is unavailable. Please try again shortly."],
    query: [503, "ServiceUnavailable", "Service is unable to handle request."],
    json: [503, "ServiceUnavailable", "Service is unable to handle request."],
  },
  token: {
    ec2: [400, "InvalidPaginationToken", "The pagination token is not valid."],
    query: [400, "ValidationError", "The marker is not valid."],
    json: [400, "InvalidNextTokenException", "The token is not valid."],
  },
  value: {
    ec2: [400, "InvalidParameterValue", "A parameter has a value that is not valid."],
    query: [400, "ValidationError", "A parameter has a value that is not valid."],
    json: [400, "ValidationException", "A parameter has a value that is not valid."],
  },
  combination: {
    ec2: [400, "InvalidParameterCombination", "The parameters cannot be used together."],
    query: [400, "InvalidParameterCombination", "The parameters cannot be used together."],
    json: [400, "ValidationException", "The parameters cannot be used together."],
  },
  missing: {
    ec2: [400, "MissingParameter", "The request must contain a parameter that it does not."],
    query: [400, "ValidationError", "A required parameter is missing."],
    json: [400, "ValidationException", "A required parameter is missing."],
  },
  action: {
    ec2: [400, "InvalidAction", "The action is not valid for this web service."],
    query: [400, "InvalidAction", "Could not find the operation."],
    json: [400, "UnknownOperationException", "The operation is not known."],
  },
} as const satisfies Record<string, Row>;

/** The error as the protocol names it, with a message of its own where one is given. */
export const trouble = (kind: Trouble, protocol: Protocol, message?: string): Refusal => {
  const [status, refused, usual] = troubles[kind][protocol];
  return { refused, status, message: message ?? usual };
};

/** An error as the protocol writes it. */
export const errorText = (protocol: Protocol, { refused, status, message }: Refusal, requestId: string): string => {
  const [code, text] = [escaped(refused), escaped(message)];
  switch (protocol) {
    case "ec2":
      return `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code><Message>${text}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
    case "query":
      return `<ErrorResponse><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type><Code>${code}</Code><Message>${text}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    case "json":
      return JSON.stringify({ __type: refused, message });
  }
};

// The words of events and errors, and the types of `event.data`. Written by core/types/generate.py from the core's table of kinds.

import type { Json, JsonObject } from '../index.cjs'

/** The vendor that sent a webhook. */
export type Vendor =
  | 'benji'
  | 'benti'
  | 'bento'

/** The kind of thing that an event is about. */
export type Entity =
  | 'user'
  | 'campaign'
  | 'transaction'
  | 'alert'
  | 'ticket'
  | 'reply'
  | 'media'
  | 'classification'
  | 'queue'
  | 'subscriber'
  | 'email'
  | 'workflow'
  | 'other'

/** What happened. */
export type Action =
  | 'connected'
  | 'created'
  | 'authenticated'
  | 'activated'
  | 'ended'
  | 'updated'
  | 'removed'
  | 'answered'
  | 'replied'
  | 'closed'
  | 'classified'
  | 'moved'
  | 'purchased'
  | 'subscribed'
  | 'unsubscribed'
  | 'tagged'
  | 'untagged'
  | 'tracked'
  | 'requested'
  | 'commanded'
  | 'reached'
  | 'other'

/** The kinds that events have: an entity and what happened to it. */
export type Kind =
  | 'user.connected'
  | 'user.created'
  | 'user.updated'
  | 'user.removed'
  | 'user.other'
  | 'campaign.activated'
  | 'campaign.ended'
  | 'campaign.updated'
  | 'campaign.other'
  | 'transaction.created'
  | 'transaction.authenticated'
  | 'transaction.updated'
  | 'transaction.other'
  | 'alert.created'
  | 'alert.updated'
  | 'alert.removed'
  | 'alert.other'
  | 'ticket.created'
  | 'ticket.updated'
  | 'ticket.removed'
  | 'ticket.answered'
  | 'ticket.replied'
  | 'ticket.closed'
  | 'ticket.classified'
  | 'ticket.moved'
  | 'ticket.other'
  | 'reply.created'
  | 'reply.updated'
  | 'reply.removed'
  | 'reply.other'
  | 'media.created'
  | 'media.updated'
  | 'media.removed'
  | 'media.other'
  | 'classification.created'
  | 'classification.updated'
  | 'classification.removed'
  | 'classification.other'
  | 'queue.created'
  | 'queue.updated'
  | 'queue.removed'
  | 'queue.other'
  | 'subscriber.updated'
  | 'subscriber.purchased'
  | 'subscriber.subscribed'
  | 'subscriber.unsubscribed'
  | 'subscriber.tagged'
  | 'subscriber.untagged'
  | 'subscriber.tracked'
  | 'subscriber.commanded'
  | 'email.requested'
  | 'workflow.reached'
  | 'workflow.other'
  | 'other.created'
  | 'other.updated'
  | 'other.removed'
  | 'other.other'

/** Whether the vendor's signature covers a part of a delivery. */
export type Coverage =
  | 'signed'
  | 'unsigned'
  | 'absent'

/** Whether an id is the vendor's or was derived. */
export type IdOrigin =
  | 'vendor'
  | 'derived'

/** The encodings of a signature. */
export type SignatureEncoding =
  | 'hex'
  | 'base64'
  | 'base64url'

/** The reason for which a request was refused, as one stable word. */
export type RejectionCode =
  | 'method_not_allowed'
  | 'unsupported_content_encoding'
  | 'payload_too_large'
  | 'repeated_header'
  | 'missing_signature'
  | 'malformed_signature'
  | 'signature_mismatch'
  | 'missing_timestamp'
  | 'malformed_timestamp'
  | 'stale'
  | 'from_the_future'
  | 'malformed_payload'
  | 'too_many_events'
  | 'missing_challenge'
  | 'malformed_challenge'

/** A stable word for what is wrong with a record. */
export type RecordErrorCode =
  | 'not_a_record'
  | 'newer_record'
  | 'malformed_record'
  | 'damaged_record'
  | 'unreadable_body'

/** The body of a Benji webhook. Read the entity itself from Benji's API, by `entity_id`. */
export type BenjiWebhook = {
  /** The name of the event. */
  event: string
  /** The kind of entity: 1 user, 2 campaign, 3 reward transaction. */
  entity_type?: number | string | null
  /** The same, under the name in Benji's sample (`core/docs/benji.md`). */
  entity?: number | string | null
  /** The id of the entity: a UUID, or in older webhooks decimal digits. */
  entity_id?: number | string | null
}

/** An event of Benti's API. */
export type BentiApiEvent = {
  /** The id of the item. */
  id?: number | string | null
  /** The kind of item: alert, ticket, reply, user, media, classification or queue. */
  item: string
  /** What happened: add, update or remove. */
  action: string
  /** When the request was sent, in unix seconds. */
  timestamp?: number | string | null
  /** The id of the user who did it. */
  actor?: number | string | null
  /** The id of the ticket that contains the item. */
  parent?: number | string | null
}

/** A person. Inbenta calls the e-mail address an identifier. */
export type BentiPerson = {
  /** The name. */
  name?: string | null
  /** The e-mail address. */
  identifier?: number | string | null
}

/** A recipient of an answer. */
export type BentiRecipient = {
  /** The e-mail address. */
  email?: string | null
  /** The name. */
  name?: string | null
}

/** A thing with an id and a name. */
export type BentiNamed = {
  /** The id. */
  id?: number | string | null
  /** The name. */
  name?: string | null
}

/** The creator, queue and source of a ticket that was answered. */
export type BentiAnswerContext = {
  /** Who created the ticket. */
  creator?: BentiPerson | null
  /** The queue that it is in. */
  queue?: BentiNamed | null
  /** Where it came from. */
  source?: BentiNamed | null
}

/** A file that is attached. */
export type BentiAttachment = {
  /** The id. */
  id?: number | string | null
  /** The address to fetch it from. */
  url?: string | null
  /** The file's name. */
  name?: string | null
  /** The media type. */
  type?: string | null
}

/** The author of a reply. */
export type BentiSender = {
  /** The user's id. */
  id?: number | string | null
  /** The user's name. */
  name?: string | null
  /** The user's e-mail address. */
  address?: string | null
  /** The user's id at a source outside of Benti. */
  external_id?: number | string | null
  /** Whether the user is an agent of the instance. */
  is_agent?: boolean | 'true' | 'false' | null
}

/** The text of an agent in an `Answer`, or of an end user in a reply. */
export type BentiMessage = {
  /** The text: an answer as it was sent, or a reply in HTML. */
  content?: string | null
  /** Another name of `content`. */
  text?: string | null
  /** The recipients of an answer. */
  to?: BentiRecipient | BentiRecipient[] | null
  /** The recipients of a copy of an answer. */
  cc?: BentiRecipient | BentiRecipient[] | null
  /** The recipients of a blind copy of an answer. */
  bcc?: BentiRecipient | BentiRecipient[] | null
  /** The author of a reply. */
  from?: BentiSender | null
  /** The files attached to a reply. */
  attachments?: BentiAttachment | BentiAttachment[] | null
}

/** An agent answered a ticket. */
export type BentiAnswer = {
  /** The id of the request. A resend may change it. */
  id?: number | string | null
  /** What happened. */
  action: string
  /** When the request was sent, as `YYYYMMDDhhmmss` without a zone. */
  created_at?: number | string | null
  /** The name of the instance. */
  project?: string | BentiNamed | null
  /** The ticket's number. */
  resource?: number | string | null
  /** The kind of resource: `ticket`. */
  type?: string | null
  /** The agent. */
  user?: BentiPerson | null
  /** The answer and its recipients. */
  action_data?: BentiMessage | null
  /** The ticket's creator, queue and source. */
  resource_data?: BentiAnswerContext | null
  /** The files attached. */
  attachments?: BentiAttachment | BentiAttachment[] | null
}

/** The `body` of a BentiCreateTicket. */
export type BentiCreateTicketBody = {
  /** The new ticket. */
  ticket_id?: number | string | null
  /** The ticket that the new one is part of. */
  parentId?: number | string | null
}

/** `create-ticket` or `create-subticket`. */
export type BentiCreateTicket = {
  /** The id of the request. A resend may change it. */
  id?: number | string | null
  /** What happened. */
  action: string
  /** When the request was sent, as `YYYYMMDDhhmmss` without a zone. */
  created_at?: number | string | null
  /** The name of the instance. */
  project?: string | BentiNamed | null
  /** The details. */
  body?: BentiCreateTicketBody | null
}

/** The `body` of a BentiChangeQueue. */
export type BentiChangeQueueBody = {
  /** The ticket. */
  ticket_id?: number | string | null
  /** The id of the queue that it left. */
  previous_queue?: number | string | null
  /** The id of the queue that it is in. */
  new_queue?: number | string | null
}

/** A ticket went to another queue. */
export type BentiChangeQueue = {
  /** The id of the request. A resend may change it. */
  id?: number | string | null
  /** What happened. */
  action: string
  /** When the request was sent, as `YYYYMMDDhhmmss` without a zone. */
  created_at?: number | string | null
  /** The name of the instance. */
  project?: string | BentiNamed | null
  /** The details. */
  body?: BentiChangeQueueBody | null
}

/** The `body` of a BentiClassifyTicket. */
export type BentiClassifyTicketBody = {
  /** The ticket. */
  ticket_id?: number | string | null
  /** The ids of its previous classifications, from the root, separated by commas. It may be empty. */
  previous_classification?: string | null
  /** The ids of its new classifications. */
  new_classification?: string | null
}

/** A ticket was classified. */
export type BentiClassifyTicket = {
  /** The id of the request. A resend may change it. */
  id?: number | string | null
  /** What happened. */
  action: string
  /** When the request was sent, as `YYYYMMDDhhmmss` without a zone. */
  created_at?: number | string | null
  /** The name of the instance. */
  project?: string | BentiNamed | null
  /** The details. */
  body?: BentiClassifyTicketBody | null
}

/** The `body` of a BentiReplyTicket. */
export type BentiReplyTicketBody = {
  /** The ticket. */
  ticket_id?: number | string | null
  /** The reply. */
  message?: BentiMessage | null
}

/** An end user replied to a ticket. */
export type BentiReplyTicket = {
  /** The id of the request. A resend may change it. */
  id?: number | string | null
  /** What happened. */
  action: string
  /** When the request was sent, as `YYYYMMDDhhmmss` without a zone. */
  created_at?: number | string | null
  /** The name of the instance. */
  project?: string | BentiNamed | null
  /** The details. */
  body?: BentiReplyTicketBody | null
}

/** The `body` of a BentiCloseTicket. */
export type BentiCloseTicketBody = {
  /** The ticket. */
  ticket_id?: number | string | null
  /** The id of its status: 3 is closed. */
  status?: number | string | null
}

/** A ticket was closed. */
export type BentiCloseTicket = {
  /** The id of the request. A resend may change it. */
  id?: number | string | null
  /** What happened. */
  action: string
  /** When the request was sent, as `YYYYMMDDhhmmss` without a zone. */
  created_at?: number | string | null
  /** The name of the instance. */
  project?: string | BentiNamed | null
  /** The details. */
  body?: BentiCloseTicketBody | null
}

/** An action that Inbenta does not document. */
export type BentiOther = {
  /** The id of the request. A resend may change it. */
  id?: number | string | null
  /** What happened. */
  action: string
  /** When the request was sent, as `YYYYMMDDhhmmss` without a zone. */
  created_at?: number | string | null
  /** The name of the instance. */
  project?: string | BentiNamed | null
}

/** An event about a subscriber, as Bento's events API takes it. */
export type BentoTrackedEvent = {
  /** The type of the event, such as `$purchase` or one of the site's own. */
  type: string
  /** The subscriber's e-mail address. */
  email?: string | null
  /** An object into which some clients write the e-mail address instead. */
  identity?: Json
  /** The time as the client wrote it: text, or an object from one PHP client. */
  date?: Json
  /** The fields of the subscriber to set, an object. */
  fields?: Json
  /** The details of the event, any JSON. */
  details?: Json
}

/** The key by which a purchase counts once. */
export type BentoUnique = {
  /** A text, or the digits of a number. */
  key?: number | string | null
}

/** An amount of money. */
export type BentoValue = {
  /** The currency, such as `USD`. */
  currency?: string | null
  /** The amount. */
  amount?: number | string | null
}

/** The details of a `$purchase`. */
export type BentoPurchase = {
  /** The key by which the purchase counts once. */
  unique?: BentoUnique | null
  /** The amount paid. */
  value?: BentoValue | null
  /** The cart, any JSON. */
  cart?: Json
}

/** Tags. Bento takes text with commas; some clients send a list. */
export type BentoTags = string | string[]

/** A subscriber to import. Custom fields are in the event's `data`. */
export type BentoSubscriber = {
  /** The e-mail address. */
  email?: string | null
  /** The tags to add. */
  tags?: BentoTags | null
  /** The tags to remove. */
  remove_tags?: BentoTags | null
}

/** An e-mail to send. */
export type BentoEmail = {
  /** The recipient. */
  to?: string | null
  /** The sender. */
  from?: string | null
  /** The subject line. */
  subject?: string | null
  /** The text in HTML. */
  html_body?: string | null
  /** Whether it is sent even if the subscriber has unsubscribed. */
  transactional?: boolean | 'true' | 'false' | null
  /** The values to put into the text, an object. */
  personalizations?: Json
}

/** A command on a subscriber. */
export type BentoCommand = {
  /** The command, such as `add_tag`. */
  command: string
  /** The subscriber's e-mail address. */
  email?: string | null
  /** The subscriber's UUID, which some clients write in place of the address. */
  uuid?: string | null
  /** The argument of the command: text, or an object. */
  query?: Json
}

/** A workflow webhook in the form of Bento's sample (`core/docs/bento.md`). The operator chooses all of it. */
export type BentoWorkflow = {
  /** The name of the event. */
  event?: Json
  /** The workflow. */
  workflow?: Json
  /** The subscriber's e-mail address. */
  email?: Json
  /** The subscriber, an object. */
  person?: Json
  /** The event that started the workflow, an object. */
  source_event?: Json
}

/**
 * The type of `event.data` by vendor and kind. With `JsonObject` it may have any other member: the vendor did not
 * document the event, or lets its customers choose members.
 */
export interface Payloads {
  benji: {
    'user.connected': BenjiWebhook
    'campaign.updated': BenjiWebhook
    'campaign.activated': BenjiWebhook
    'campaign.ended': BenjiWebhook
    'transaction.created': BenjiWebhook
    'transaction.authenticated': BenjiWebhook
    'transaction.updated': BenjiWebhook
    'user.other': BenjiWebhook & JsonObject
    'campaign.other': BenjiWebhook & JsonObject
    'transaction.other': BenjiWebhook & JsonObject
    'other.other': BenjiWebhook & JsonObject
  }
  benti: {
    'alert.created': BentiApiEvent
    'alert.updated': BentiApiEvent
    'alert.removed': BentiApiEvent
    'alert.other': BentiApiEvent & JsonObject
    'ticket.created': BentiApiEvent | BentiCreateTicket
    'ticket.updated': BentiApiEvent
    'ticket.removed': BentiApiEvent
    'ticket.other': (BentiApiEvent & JsonObject) | (BentiOther & JsonObject)
    'reply.created': BentiApiEvent
    'reply.updated': BentiApiEvent
    'reply.removed': BentiApiEvent
    'reply.other': BentiApiEvent & JsonObject
    'user.created': BentiApiEvent
    'user.updated': BentiApiEvent
    'user.removed': BentiApiEvent
    'user.other': BentiApiEvent & JsonObject
    'media.created': BentiApiEvent
    'media.updated': BentiApiEvent
    'media.removed': BentiApiEvent
    'media.other': BentiApiEvent & JsonObject
    'classification.created': BentiApiEvent
    'classification.updated': BentiApiEvent
    'classification.removed': BentiApiEvent
    'classification.other': BentiApiEvent & JsonObject
    'queue.created': BentiApiEvent
    'queue.updated': BentiApiEvent
    'queue.removed': BentiApiEvent
    'queue.other': BentiApiEvent & JsonObject
    'other.created': BentiApiEvent & JsonObject
    'other.updated': BentiApiEvent & JsonObject
    'other.removed': BentiApiEvent & JsonObject
    'other.other': BentiApiEvent & JsonObject
    'ticket.answered': BentiAnswer
    'ticket.replied': BentiReplyTicket
    'ticket.closed': BentiCloseTicket
    'ticket.classified': BentiClassifyTicket
    'ticket.moved': BentiChangeQueue
  }
  bento: {
    'subscriber.purchased': BentoTrackedEvent
    'subscriber.subscribed': BentoTrackedEvent
    'subscriber.unsubscribed': BentoTrackedEvent
    'subscriber.tagged': BentoTrackedEvent
    'subscriber.untagged': BentoTrackedEvent
    'subscriber.updated': BentoTrackedEvent | (BentoSubscriber & JsonObject)
    'subscriber.tracked': BentoTrackedEvent
    'email.requested': BentoEmail
    'subscriber.commanded': BentoCommand
    'workflow.reached': BentoWorkflow & JsonObject
    'workflow.other': BentoWorkflow & JsonObject
  }
}

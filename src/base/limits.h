/*
 * limits.h - the most that tern takes from outside, each with its reason.
 *
 * Nothing is allocated because somebody announced a size; buffers grow with what arrives, up to the number
 * here. Past it the operation ends with TERN_ERROR_LIMIT (or PROTOCOL, where a connection cannot go on).
 * Bytes unless said.
 */
#ifndef TERN_BASE_LIMITS_H
#define TERN_BASE_LIMITS_H

/* A configuration file: people write it by hand. */
#define LIMIT_CONFIG_BYTES (1 << 20)

/* IMAP: a line outside of literals. Long FETCH answers with ENVELOPE and BODYSTRUCTURE stay far below. */
#define LIMIT_IMAP_LINE_BYTES (1 << 20)
/* IMAP: bytes a second that a response comes with at least, once it has begun, over as long as the stream
 * bears silence. Each byte ends a silence: one a second would hold a connection for ever. */
#define LIMIT_IMAP_LEAST_PACE 16
/* IMAP: one FETCH response that is read over, with its literals, of which nothing is kept. Whoever writes a
 * message may make its structure longer than a line may be, and 30 times as long as the message; it must not
 * end the connection. */
#define LIMIT_IMAP_SKIPPED_BYTES (256LL << 20)
/* IMAP: one whole response kept in memory (its literals together); bodies go to a file and do not count. */
#define LIMIT_IMAP_RESPONSE_BYTES (8 << 20)
/* IMAP: parentheses within parentheses. BODYSTRUCTURE nests twice for each level of MIME. */
#define LIMIT_IMAP_DEPTH 250
/* IMAP: values in one response. A multipart of 10,000 parts has some 150,000. */
#define LIMIT_IMAP_VALUES 1000000
/* IMAP: untagged responses that nobody asked for, between two answers to commands. */
#define LIMIT_IMAP_UNSOLICITED 1000000
/* IMAP: UIDs that one SEARCH may find: 40 MB of them. */
#define LIMIT_IMAP_SEARCH 10000000
/* IMAP: folders of one account. */
#define LIMIT_IMAP_FOLDERS 100000
/* IMAP: a folder's name; a longer one is passed over. File systems end at 255 for each level. */
#define LIMIT_IMAP_NAME_BYTES 4096
/* IMAP: one message's header fields as fetched. */
#define LIMIT_HEADER_BYTES (1 << 20)
/* An envelope in the outbox: 10,000 recipients, each with the reason why it was refused. */
#define LIMIT_OUTBOX_ENVELOPE_BYTES (16 << 20)
/* What is kept of a draft's copy on a server: some hundred bytes, and a server's sentence. */
#define LIMIT_UPLOAD_BYTES (64 << 10)
/* SMTP: a line of a reply; RFC 5321 allows 512, servers write more. */
#define LIMIT_SMTP_LINE_BYTES 4096
/* SMTP: a whole reply. EHLO's has some 20 lines. */
#define LIMIT_SMTP_REPLY_BYTES (64 << 10)
/* A message that is downloaded to a file. */
#define LIMIT_MESSAGE_BYTES (1LL << 30)

/* Message files that are kept in memory (the run folder) while the disk of the cache takes none: a few, to be
 * read now. */
#define LIMIT_SPILL_BYTES (64 << 20)

/* What is still to be done of a repair of the store: a file's name and some sentences (store/damage.h). */
#define LIMIT_DAMAGE_PLAN_BYTES (64 << 10)

/* Maildir: the file of a folder's keywords. A line for each message that has some. */
#define LIMIT_KEYWORDS_BYTES (64 << 20)
/* Maildir: keywords of one message there. */
#define LIMIT_KEYWORDS 1000
/* Mbox: what is kept of one that was read, some 200 bytes for each message. */
#define LIMIT_MBOX_KNOWN_BYTES (256 << 20)

/* POP3: the log of what was fetched, some 150 bytes for each message that is on the server. */
#define LIMIT_UIDL_LOG_BYTES (512 << 20)

/* POP3: a status or a line of a list (512 in RFC 2449; SASL's challenges are longer). */
#define LIMIT_POP3_LINE_BYTES (16 << 10)
/* POP3: messages in one mailbox: 60 MB of UIDLs. */
#define LIMIT_POP3_MESSAGES 1000000
/* POP3: a UIDL (70 in RFC 1939); a message with a longer one counts as one without. */
#define LIMIT_POP3_UIDL_BYTES 255
/* POP3: lines that CAPA may have. */
#define LIMIT_POP3_CAPABILITIES 1000

/* What is read ahead from a peer while tern itself has to write. */
#define LIMIT_NET_READ_AHEAD_BYTES (4 << 20)

/* MIME, before the parser (THREATS.md 3): GMime recurses, and pays for each empty part. */
#define LIMIT_MIME_DEPTH 100
#define LIMIT_MIME_PARTS 10000
#define LIMIT_MIME_HEADER_FIELDS 2000
#define LIMIT_MIME_HEADER_BYTES (1 << 20)
#define LIMIT_MIME_GROUP_DEPTH 4
/* Text that is shown of one part; past it the pager says how much is left out. */
#define LIMIT_MIME_TEXT_BYTES (8 << 20)

/* HTML, before gumbo, which is quadratic in depth and keeps a tree of everything. */
#define LIMIT_HTML_BYTES (2 << 20)
#define LIMIT_HTML_DEPTH 256
#define LIMIT_HTML_TAGS 200000

/* A header field's decoded text as kept in the store. Nobody reads more of a subject. */
#define LIMIT_SUBJECT_BYTES 4096
/* Addresses kept of one header field. */
#define LIMIT_ADDRESSES 2000
/* Message-IDs kept of References: the ends matter most. */
#define LIMIT_REFERENCES 200
/* One Message-ID; a line of mail has 998. */
#define LIMIT_MESSAGE_ID_BYTES 1000
/* Messages that one thread may hold: a forged header must not join everything. */
#define LIMIT_THREAD_MESSAGES 1000
/* Combining marks on one character (Zalgo); real writing needs fewer. */
#define LIMIT_COMBINING_MARKS 8

/* One address: 64 for the local part, 255 for the domain (RFC 5321 4.5.3.1), and the '@'. */
#define LIMIT_ADDRESS_BYTES 320
/* Text that a mailto: link brings into a draft (THREATS.md 3). */
#define LIMIT_MAILTO_BYTES (64 << 10)
/* The text of a draft, as an editor gives it back. */
#define LIMIT_DRAFT_BYTES (8 << 20)
/* A draft that is larger goes to the server when it is closed, not after each rest: it would hold up the
 * connection for half a minute on a slow line. */
#define LIMIT_REST_UPLOAD_BYTES (2 << 20)
/* The text of a draft that cmark makes HTML of: 0.30.2 is quadratic in some, and quotes are others' words. */
#define LIMIT_MARKDOWN_BYTES (256 << 10)
/* What a signature's file or command gives. */
#define LIMIT_SIGNATURE_BYTES (64 << 10)

/* A file of contacts; photographs stand in some of them. */
#define LIMIT_VCARD_FILE_BYTES (64 << 20)
/* Contacts of one file, and of all files together. */
#define LIMIT_VCARDS 100000
/* A line of a contact that is looked at; longer ones are photographs. */
#define LIMIT_VCARD_LINE_BYTES 8192
/* Addresses of one contact. */
#define LIMIT_VCARD_VALUES 50
/* What an alias may grow to by those that stand in it. */
#define LIMIT_ALIAS_BYTES (64 << 10)
/* What a query-command prints: 2,000 people with long remarks. */
#define LIMIT_LOOKUP_BYTES (1 << 20)

/* Text that is pasted into the terminal at once: as much as the built-in editor holds. Of more nothing is taken. */
#define LIMIT_PASTE_BYTES (512 << 10)
/* A password, or a command's answer that holds one. Fewer than a pipe holds, and than a request on the
 * control socket. */
#define LIMIT_SECRET_BYTES (32 << 10)
/* One request on the control socket. */
#define LIMIT_CONTROL_BYTES (64 << 10)

/* Left free by what can be had again (messages kept for reading offline), for the store, drafts and the
 * outbox. */
#define LIMIT_DISK_RESERVE_BYTES (64 << 20)

/* Stacks: deep mail in GMime and gumbo needs a known one. */
#define STACK_RENDER_BYTES (16 << 20)
#define STACK_WORKER_BYTES (1 << 20)

#endif

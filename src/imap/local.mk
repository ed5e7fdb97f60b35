# src/imap: see ../../docs/architecture.md

# src/maildir: see ../../docs/architecture.md

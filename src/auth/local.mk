# src/auth: see ../../docs/architecture.md

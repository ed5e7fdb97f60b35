# src/config: see ../../docs/architecture.md

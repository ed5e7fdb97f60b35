# src/engine: see ../../docs/architecture.md

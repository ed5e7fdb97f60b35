# src/net: see ../../docs/architecture.md

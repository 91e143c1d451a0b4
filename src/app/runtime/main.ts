#!/usr/bin/env node
import { runApp } from "./run-app.ts";

// Positions in errors are those of the app's source, not of its bundle.
process.setSourceMapsEnabled(true);

void runApp(process.argv.slice(2));

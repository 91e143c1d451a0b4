#!/usr/bin/env node
import { runApp } from "./run-app.ts";

void runApp(process.argv.slice(2));

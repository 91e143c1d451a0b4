import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  CreateProjectResponseSchema,
  GetProjectResponseSchema,
  ListProjectsResponseSchema,
  type Project,
  ProjectSchema,
  type ProjectService,
  ProjectState,
  UpdateProjectResponseSchema,
} from "../../idl/projects.ts";
import { LabelsSchema } from "../../idl/runs.ts";
import { FlyteError } from "../../shared/errors.ts";
import { imagesLabel } from "../../values/project-labels.ts";
import { type Authorizer, callerKey } from "../auth/caller.ts";
import type { Database } from "../store/database.ts";
import {
  findProject,
  insertProject,
  listProjects,
  type ProjectRow,
  updateProject,
} from "../store/projects.ts";
import { parseProjectFilters } from "./project-filters.ts";
import { allowsInProject, domains, requireCaller, required, requiredText } from "./scope.ts";

/** What the service works on. */
export interface ProjectServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
}

/** `flyteidl2.project.ProjectService`: every project has the same three domains. */
export function createProjectService(
  options: ProjectServiceOptions,
): ServiceImpl<typeof ProjectService> {
  const { database, authorizer } = options;
  return {
    createProject: async ({ project }, context) => {
      const row = toRow(required(project, "project"));
      authorizer.require(context.values.get(callerKey), "admin", everyDomain(row.id));
      const inserted = await database.write(() => insertProject(database, row, Date.now()));
      if (inserted) return create(CreateProjectResponseSchema);
      throw new FlyteError("conflict", `project ${JSON.stringify(row.id)} already exists`);
    },
    updateProject: async ({ project }, context) => {
      const row = toRow(required(project, "project"));
      authorizer.require(context.values.get(callerKey), "admin", everyDomain(row.id));
      const updated = await database.write(() => updateProject(database, row, Date.now()));
      if (updated) return create(UpdateProjectResponseSchema);
      throw new FlyteError("not_found", `project ${JSON.stringify(row.id)} not found`);
    },
    getProject: ({ id }, context) => {
      const caller = requireCaller(context.values.get(callerKey));
      required(id, "id");
      if (!allowsInProject(authorizer, caller, "read", id)) {
        authorizer.require(caller, "read", everyDomain(id));
      }
      const row = findProject(database, id);
      if (row === undefined) {
        throw new FlyteError("not_found", `project ${JSON.stringify(id)} not found`);
      }
      return create(GetProjectResponseSchema, { project: fromRow(row) });
    },
    listProjects: (request, context) => {
      const caller = requireCaller(context.values.get(callerKey));
      const matches = parseProjectFilters(request.filters);
      const found = listProjects(database).filter(
        (row) => matches(row) && allowsInProject(authorizer, caller, "read", row.id),
      );
      const start = toStart(request.token);
      const end = request.limit === 0 ? found.length : start + request.limit;
      return create(ListProjectsResponseSchema, {
        projects: {
          projects: found.slice(start, end).map(fromRow),
          token: end < found.length ? String(end) : "",
        },
      });
    },
  };
}

function everyDomain(project: string): { readonly project: string; readonly domain: string } {
  return { project, domain: "*" };
}

function toStart(token: string): number {
  if (/^\d{0,15}$/.test(token)) return Number(token);
  throw new FlyteError("invalid_input", "The token is not one of an earlier answer.");
}

/** An id is part of URLs and of paths in the blob store. */
const projectId = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

function toRow(project: Project): ProjectRow {
  const id = requiredText(project.id, "project.id", 63);
  if (!projectId.test(id)) {
    throw new FlyteError(
      "invalid_input",
      "project.id may hold letters, digits, `.`, `_` and `-`, and begins and ends with a letter or digit",
    );
  }
  return {
    id,
    name: project.name === "" ? id : project.name,
    description: project.description,
    labels: project.labels === undefined ? nothing : toBinary(LabelsSchema, project.labels),
    state: project.state,
  };
}

const nothing = new Uint8Array();

function fromRow(row: ProjectRow): Project {
  return create(ProjectSchema, {
    id: row.id,
    name: row.name,
    description: row.description,
    domains: domains.map((id) => ({ id, name: id })),
    state: row.state in ProjectState ? row.state : ProjectState.ACTIVE,
    labels: toLabels(row),
  });
}

/** Apps run as processes here, whatever their images: clients need not build any. */
function toLabels(row: ProjectRow): NonNullable<Project["labels"]> {
  const labels = fromBinary(LabelsSchema, row.labels);
  labels.values[imagesLabel.name] = imagesLabel.ignored;
  return labels;
}

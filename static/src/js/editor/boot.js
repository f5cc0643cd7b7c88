/**
 * What the page brought along: the project's files, the file asked for, addresses and rights.
 * @typedef {{path: string, language: string, size_bytes: number, problem: string}} FileRow
 * @typedef {{id: string, name: string, revision: number, archived: boolean, files: FileRow[],
 *   problems: string[], editable: boolean, token: string}} Project
 * @typedef {{path: string, content: string, language: string, revision: number, digest: string}} FileText
 * @typedef {{project: Project, file: FileText | null, wanted: string, mayEdit: boolean,
 *   staff: {id: string, name: string, email: string}, urls: Record<string, string>}} Boot
 */

/** @type {Boot} */
export const boot = JSON.parse(document.getElementById("editor-boot")?.textContent ?? "{}");

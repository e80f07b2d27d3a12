---@type vim.lsp.Config
return {
  cmd = { "milepost", "serve", "--stdio" },
  -- The languages of courses, and YAML for the course file itself.
  filetypes = { "python", "javascript", "typescript", "java", "go", "rust", "c", "cpp", "yaml" },
  root_markers = { "milepost.yaml", "milepost.draft.yaml" },
  -- A folder without a course is left alone: no server is started there.
  workspace_required = true,
  -- Neovim 0.11 cannot say of itself that it fetches code lenses again when it is asked to.
  capabilities = { workspace = { codeLens = { refreshSupport = true } } },
  handlers = {
    ["workspace/codeLens/refresh"] = function(_, _, context)
      require("milepost").refresh(context.client_id)
      return vim.NIL
    end,
  },
}
